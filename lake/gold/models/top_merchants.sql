-- model: top_merchants
-- description: Each customer's merchants of a month by what was spent with them.
-- grain: customer x month of event_ts x merchant x currency
-- key: customer_id, month, merchant_id, currency
-- inputs: gold.customer_merchant_months, gold.dim_merchants
-- refresh: view
-- published: no
-- ties to: sum of spent = purchases with a merchant (check customer_spend_complete)
-- column customer_id BIGINT: customer
-- column month DATE: first day of the month
-- column merchant_id BIGINT: merchant
-- column merchant VARCHAR: its name now
-- column category VARCHAR: its category now
-- column currency VARCHAR: ISO 4217 code
-- column spent DECIMAL(38,4): sum of posted purchases
-- column purchases BIGINT: their number
-- column rank BIGINT: 1 is where most was spent; ties by merchant number
SELECT
  s.customer_id, s.month, s.merchant_id, m.name AS merchant, coalesce(m.category, 'unclassified') AS category, s.currency, s.spent, s.purchases,
  row_number() OVER (PARTITION BY s.customer_id, s.month, s.currency ORDER BY s.spent DESC, s.merchant_id) AS rank
FROM gold.customer_merchant_months AS s
LEFT JOIN gold.dim_merchants AS m ON m.merchant_id = s.merchant_id AND m.is_current
WHERE s.merchant_id <> 0 AND s.purchases > 0
