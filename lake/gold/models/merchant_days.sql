-- model: merchant_days
-- description: Purchases and returns by day and merchant: what merchant_performance is made of, without its distinct customers.
-- grain: UTC day of event_ts x merchant x currency
-- key: day, merchant_id, currency
-- inputs: gold.fct_transactions
-- refresh: sums
-- sums: transactions, attempts, posted, failed, amount, failed_amount, refunds, refund_count
-- order: day, merchant_id
-- ties to: attempts = purchases of fct_transactions with a merchant (check merchant_days_complete)
-- column day DATE: UTC day of the transactions' event_ts
-- column merchant_id BIGINT: merchant
-- column currency VARCHAR: ISO 4217 code
-- column transactions BIGINT: purchases and returns of any status
-- column attempts BIGINT: purchases of any status
-- column posted BIGINT: purchases that were posted
-- column failed BIGINT: purchases that failed
-- column amount DECIMAL(38,4): sum of posted purchases
-- column failed_amount DECIMAL(38,4): sum of failed purchases
-- column refunds DECIMAL(38,4): sum of posted refunds, reversals of purchases and chargebacks
-- column refund_count BIGINT: their number
SELECT
  event_day AS day, merchant_id, currency,
  count(*) AS transactions,
  count(*) FILTER (type = 'PURCHASE') AS attempts,
  count(*) FILTER (type = 'PURCHASE' AND status = 'posted') AS posted,
  count(*) FILTER (type = 'PURCHASE' AND status = 'failed') AS failed,
  sum(CASE WHEN type = 'PURCHASE' AND status = 'posted' THEN amount ELSE 0 END) AS amount,
  sum(CASE WHEN type = 'PURCHASE' AND status = 'failed' THEN amount ELSE 0 END) AS failed_amount,
  sum(CASE WHEN type <> 'PURCHASE' AND status = 'posted' THEN (CASE direction WHEN 'CREDIT' THEN amount ELSE -amount END) ELSE 0 END) AS refunds,
  count(*) FILTER (type <> 'PURCHASE' AND status = 'posted') AS refund_count
FROM gold.fct_transactions
WHERE merchant_id IS NOT NULL AND type IN ('PURCHASE', 'REFUND', 'CHARGEBACK', 'REVERSAL')
GROUP BY ALL
