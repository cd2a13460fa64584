-- model: daily_volumes
-- description: Number and value of transactions by day, type and status: all attempts, failed ones too. Volume is never revenue.
-- grain: UTC day x type x status x currency
-- key: day, type, status, currency
-- inputs: gold.fct_transactions
-- refresh: sums
-- sums: transactions, amount
-- ties to: sums over a day = all transactions of fct_transactions of that day (check daily_volumes_complete)
-- column day DATE: UTC day of the transactions' created_at
-- column type VARCHAR: transaction type
-- column status VARCHAR: pending, posted or failed
-- column currency VARCHAR: ISO 4217 code
-- column transactions BIGINT: number of transactions
-- column amount DECIMAL(38,4): sum of their amounts
SELECT day, type, status, currency, count(*) AS transactions, sum(amount) AS amount
FROM gold.fct_transactions
GROUP BY day, type, status, currency
