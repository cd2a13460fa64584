-- model: cashback
-- description: Cashback credited to each customer, as the ledger has it: a liability that was paid, never a number of its own.
-- grain: customer x month of event_ts x currency
-- key: customer_id, month, currency
-- inputs: gold.fct_transactions
-- refresh: sums
-- sums: movements, earned, reversed, paid
-- ties to: paid = movement of the cashback accounts (check cashback_liability)
-- column customer_id BIGINT: customer
-- column month DATE: first day of the month of event_ts, UTC
-- column currency VARCHAR: ISO 4217 code
-- column movements BIGINT: credits and take-backs
-- column earned DECIMAL(38,4): cashback credited
-- column reversed DECIMAL(38,4): cashback taken back, because of a refund
-- column paid DECIMAL(38,4): earned - reversed
SELECT
  customer_id, CAST(date_trunc('month', event_day) AS DATE) AS month, currency,
  count(*) AS movements,
  sum(CASE WHEN direction = 'CREDIT' THEN amount ELSE 0 END) AS earned,
  sum(CASE WHEN direction = 'CREDIT' THEN 0 ELSE amount END) AS reversed,
  sum(CASE WHEN direction = 'CREDIT' THEN amount ELSE -amount END) AS paid
FROM gold.fct_transactions
WHERE status = 'posted' AND counter_account_id BETWEEN 801 AND 999 AND counter_account_id % 10 = 4
GROUP BY ALL
