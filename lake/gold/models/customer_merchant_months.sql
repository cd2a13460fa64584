-- model: customer_merchant_months
-- description: What each customer spent with each merchant in each month; purchases without a merchant have merchant 0.
-- grain: customer x month of event_ts x merchant x currency
-- key: customer_id, month, merchant_id, currency
-- inputs: gold.fct_transactions
-- refresh: sums
-- sums: movements, purchases, spent, refunds
-- order: customer_id, month
-- ties to: spent - refunds = posted purchases minus what was returned of them (check customer_spend_complete)
-- column customer_id BIGINT: customer
-- column month DATE: first day of the month of event_ts, UTC
-- column merchant_id BIGINT: merchant; 0: none was named
-- column currency VARCHAR: ISO 4217 code
-- column movements BIGINT: posted purchases and returns
-- column purchases BIGINT: posted purchases
-- column spent DECIMAL(38,4): sum of the purchases
-- column refunds DECIMAL(38,4): sum of refunds, reversals of purchases and chargebacks
SELECT
  customer_id, CAST(date_trunc('month', event_day) AS DATE) AS month, coalesce(merchant_id, 0) AS merchant_id, currency,
  count(*) AS movements,
  count(*) FILTER (type = 'PURCHASE') AS purchases,
  sum(CASE WHEN type = 'PURCHASE' THEN amount ELSE 0 END) AS spent,
  sum(CASE WHEN type = 'PURCHASE' THEN 0 WHEN direction = 'CREDIT' THEN amount ELSE -amount END) AS refunds
FROM gold.fct_transactions
WHERE status = 'posted'
  AND (type = 'PURCHASE' OR (type IN ('REFUND', 'CHARGEBACK', 'REVERSAL') AND counter_account_id BETWEEN 801 AND 999 AND counter_account_id % 10 = 2))
GROUP BY ALL
