-- model: transaction_days
-- description: Number and value of transactions by the day they happened: what failure rates, net deposits and chargebacks are added up from.
-- grain: UTC day of event_ts x type x status x direction x role of the house account on the other side x currency
-- key: day, type, status, direction, house_role, currency
-- inputs: gold.fct_transactions
-- refresh: sums
-- sums: transactions, amount
-- ties to: sums over everything = all transactions of fct_transactions (check transaction_days_complete)
-- column day DATE: UTC day of the transactions' event_ts; a late event belongs to the day it happened
-- column type VARCHAR: transaction type
-- column status VARCHAR: pending, posted or failed
-- column direction VARCHAR: CREDIT when the customer's account receives
-- column house_role INTEGER: 1 float, 2 settlement, 3 fees, 4 cashback, 5 fx, 6 opening equity, 7 interest, 8 adjustments; 0: no house account
-- column currency VARCHAR: ISO 4217 code
-- column transactions BIGINT: number of transactions
-- column amount DECIMAL(38,4): sum of their amounts
SELECT
  event_day AS day, type, status, direction,
  CAST(CASE WHEN counter_account_id BETWEEN 801 AND 999 THEN counter_account_id % 10 ELSE 0 END AS INTEGER) AS house_role,
  currency, count(*) AS transactions, sum(amount) AS amount
FROM gold.fct_transactions
GROUP BY ALL
