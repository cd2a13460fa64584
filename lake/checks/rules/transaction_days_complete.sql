-- check: transaction_days_complete
-- model: transaction_days
-- severity: block
-- inputs: transaction_days, fct_transactions
-- scope: everything
-- expected: transactions and amounts of each day of business time sum to those of fct_transactions; failure_rates counts the same

-- == full
SELECT *
FROM (SELECT day, sum(transactions) AS counted, sum(amount) AS amount FROM gold.transaction_days GROUP BY day) AS d
FULL JOIN (SELECT event_day, count(*) AS transactions, sum(amount) AS total FROM gold.fct_transactions GROUP BY event_day) AS t ON t.event_day = d.day
FULL JOIN (SELECT day AS rate_day, sum(attempts) AS attempts FROM gold.failure_rates GROUP BY day) AS f ON f.rate_day = d.day
WHERE counted IS DISTINCT FROM transactions OR d.amount IS DISTINCT FROM t.total OR attempts IS DISTINCT FROM transactions
