-- check: ltv_is_revenue
-- model: customer_ltv
-- severity: block
-- inputs: customer_ltv, monthly_revenue
-- scope: everything, when the last turn is at this position
-- expected: the sum of customers' observed value is net revenue, by currency

-- == full
SELECT *
FROM (SELECT currency, sum(observed) AS observed FROM gold.customer_ltv GROUP BY currency) AS l
FULL JOIN (SELECT currency AS code, sum(net) AS net FROM gold.monthly_revenue GROUP BY currency) AS r ON r.code = l.currency
WHERE coalesce(observed, 0) <> coalesce(net, 0)
  AND NOT EXISTS (SELECT 1 FROM ops.gold_turns WHERE model IN ('customer_ltv') AND commit_id < (SELECT commit_id FROM ops.state))
