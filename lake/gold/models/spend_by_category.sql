-- model: spend_by_category
-- description: What each customer spent by merchant category; a merchant counts under the category it had at the month's end.
-- grain: customer x month of event_ts x category x currency
-- key: customer_id, month, category, currency
-- inputs: gold.customer_merchant_months, gold.dim_merchants
-- refresh: view
-- published: no
-- ties to: sum of net = the customer's purchases net of refunds (check customer_spend_complete)
-- column customer_id BIGINT: customer
-- column month DATE: first day of the month
-- column category VARCHAR: merchant category
-- column currency VARCHAR: ISO 4217 code
-- column spent DECIMAL(38,4): sum of posted purchases
-- column refunds DECIMAL(38,4): sum of refunds, reversals of purchases and chargebacks
-- column net DECIMAL(38,4): spent - refunds
-- column purchases BIGINT: number of purchases
SELECT
  s.customer_id, s.month, coalesce(m.category, 'unclassified') AS category, s.currency,
  sum(s.spent) AS spent, sum(s.refunds) AS refunds, sum(s.spent - s.refunds) AS net, sum(s.purchases) AS purchases
FROM gold.customer_merchant_months AS s
LEFT JOIN gold.dim_merchants AS m ON m.merchant_id = s.merchant_id
  AND (m.valid_from < s.month + INTERVAL 1 MONTH OR m.is_first) AND (m.valid_to >= s.month + INTERVAL 1 MONTH OR m.valid_to IS NULL)
GROUP BY s.customer_id, s.month, coalesce(m.category, 'unclassified'), s.currency
