-- check: fct_transactions_complete
-- model: fct_transactions
-- severity: block
-- inputs: fct_transactions
-- scope: changed keys
-- expected: count and sum(amount) equal silver.transactions; every key once

-- == changed
SELECT *
FROM (
  SELECT
    (SELECT count(*) FROM gold.fct_transactions WHERE transaction_id IN (SELECT transaction_id FROM changed.fct_transactions)) AS gold_rows,
    (SELECT count(*) FROM fresh.fct_transactions) AS silver_rows
)
WHERE gold_rows <> silver_rows

-- == full
SELECT *
FROM (SELECT count(*) AS gold_rows, count(DISTINCT transaction_id) AS gold_keys, coalesce(sum(amount), 0) AS gold_amount FROM gold.fct_transactions) AS g,
  (SELECT count(*) AS silver_rows, coalesce(sum(amount), 0) AS silver_amount FROM silver.transactions) AS s
WHERE gold_rows <> silver_rows OR gold_keys <> gold_rows OR gold_amount <> silver_amount
