-- check: merchant_days_complete
-- model: merchant_days
-- severity: block
-- inputs: merchant_days, fct_transactions
-- scope: everything
-- expected: attempts and posted value of each merchant sum to its purchases in fct_transactions

-- == full
SELECT *
FROM (SELECT merchant_id, sum(attempts) AS attempts, sum(amount) AS amount FROM gold.merchant_days GROUP BY merchant_id) AS m
FULL JOIN (
  SELECT merchant_id AS id, count(*) FILTER (type = 'PURCHASE') AS purchases, coalesce(sum(amount) FILTER (type = 'PURCHASE' AND status = 'posted'), 0) AS total
  FROM gold.fct_transactions
  WHERE merchant_id IS NOT NULL AND type IN ('PURCHASE', 'REFUND', 'CHARGEBACK', 'REVERSAL')
  GROUP BY merchant_id
) AS t ON t.id = m.merchant_id
WHERE attempts IS DISTINCT FROM purchases OR m.amount IS DISTINCT FROM t.total
