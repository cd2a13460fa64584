-- model: failure_rates
-- description: How often attempts fail, by number and by value. Failed / (failed + posted); a reversed transaction has not failed.
-- grain: UTC day of event_ts x type x currency
-- key: day, type, currency
-- inputs: gold.transaction_days
-- refresh: view
-- ties to: attempts = all transactions of fct_transactions (check transaction_days_complete)
-- column day DATE: UTC day
-- column type VARCHAR: transaction type
-- column currency VARCHAR: ISO 4217 code
-- column attempts BIGINT: transactions of any status
-- column posted BIGINT: posted ones
-- column failed BIGINT: failed ones
-- column failure_rate DOUBLE: failed / (failed + posted), by number; NULL while all are pending
-- column failed_amount DECIMAL(38,4): sum of the failed ones
-- column failure_rate_amount DOUBLE: the same by value
SELECT
  day, type, currency, sum(transactions) AS attempts,
  sum(transactions) FILTER (status = 'posted') AS posted,
  coalesce(sum(transactions) FILTER (status = 'failed'), 0) AS failed,
  coalesce(sum(transactions) FILTER (status = 'failed'), 0) / nullif(sum(transactions) FILTER (status IN ('failed', 'posted')), 0) AS failure_rate,
  coalesce(sum(amount) FILTER (status = 'failed'), 0) AS failed_amount,
  coalesce(sum(amount) FILTER (status = 'failed'), 0) / nullif(sum(amount) FILTER (status IN ('failed', 'posted')), 0) AS failure_rate_amount
FROM gold.transaction_days
GROUP BY day, type, currency
