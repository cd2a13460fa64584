-- check: daily_volumes_complete
-- model: daily_volumes
-- severity: block
-- inputs: daily_volumes, fct_transactions
-- scope: everything
-- expected: the transactions and amounts of each day sum to those of fct_transactions

-- == full
SELECT *
FROM (SELECT day, sum(transactions) AS counted, sum(amount) AS amount FROM gold.daily_volumes GROUP BY day) AS v
FULL JOIN (SELECT day, count(*) AS transactions, sum(amount) AS total FROM gold.fct_transactions GROUP BY day) AS t ON t.day = v.day
WHERE counted IS DISTINCT FROM transactions OR v.amount IS DISTINCT FROM t.total
