-- check: history_is_current
-- model: dim_customers_history
-- severity: block
-- inputs: dim_customers_history, dim_accounts_history, merchant_history, customer_attributes, account_attributes, merchant_attributes
-- scope: everything, when the last turn is at this position
-- expected: every customer, account and merchant has one current state, and the states of one do not overlap

-- == full
SELECT *
FROM (
  SELECT 'customers' AS dimension, h.key, h.currents, h.overlaps
  FROM (SELECT customer_id AS key, count(*) FILTER (is_current) AS currents, count(*) FILTER (valid_to > following) AS overlaps
    FROM (SELECT *, lead(valid_from) OVER (PARTITION BY customer_id ORDER BY valid_from) AS following FROM gold.dim_customers_history) GROUP BY customer_id) AS h
  FULL JOIN gold.customer_attributes AS a ON a.customer_id = h.key
  WHERE (h.currents > 0) IS DISTINCT FROM (a.customer_id IS NOT NULL) OR h.currents > 1 OR h.overlaps > 0
  UNION ALL
  SELECT 'accounts', h.key, h.currents, h.overlaps
  FROM (SELECT account_id AS key, count(*) FILTER (is_current) AS currents, count(*) FILTER (valid_to > following) AS overlaps
    FROM (SELECT *, lead(valid_from) OVER (PARTITION BY account_id ORDER BY valid_from) AS following FROM gold.dim_accounts_history) GROUP BY account_id) AS h
  FULL JOIN gold.account_attributes AS a ON a.account_id = h.key
  WHERE (h.currents > 0) IS DISTINCT FROM (a.account_id IS NOT NULL) OR h.currents > 1 OR h.overlaps > 0
  UNION ALL
  SELECT 'merchants', h.key, h.currents, h.overlaps
  FROM (SELECT merchant_id AS key, count(*) FILTER (is_current) AS currents, count(*) FILTER (valid_to > following) AS overlaps
    FROM (SELECT *, lead(valid_from) OVER (PARTITION BY merchant_id ORDER BY valid_from) AS following FROM gold.merchant_history) GROUP BY merchant_id) AS h
  FULL JOIN gold.merchant_attributes AS a ON a.merchant_id = h.key
  WHERE (h.currents > 0) IS DISTINCT FROM (a.merchant_id IS NOT NULL) OR h.currents > 1 OR h.overlaps > 0
)
WHERE NOT EXISTS (SELECT 1 FROM ops.gold_turns WHERE model IN ('dim_customers_history', 'dim_accounts_history', 'merchant_history') AND commit_id < (SELECT commit_id FROM ops.state))
