-- model: customer_ltv
-- description: What each customer has brought, and what may still come: own monthly gross revenue x margin / monthly churn, at most 36 months of it.
-- grain: customer x currency
-- key: customer_id, currency
-- inputs: gold.customer_ledger_months, gold.customer_activity, gold.churn_proxy, gold.as_of
-- refresh: turn
-- ties to: sum(observed) = net revenue (check ltv_is_revenue)
-- column customer_id BIGINT: customer
-- column currency VARCHAR: ISO 4217 code
-- column first_activity DATE: first day with a customer-initiated posted movement
-- column observed DECIMAL(38,4): net revenue since then
-- column projected DECIMAL(38,4): expected from now on; shown apart, never added up with what was observed
WITH revenue AS (
  SELECT customer_id, currency, sum(gross) AS gross, sum(gross - contra) AS net, min(month) AS first_month
  FROM gold.customer_ledger_months
  GROUP BY customer_id, currency
),
margins AS (SELECT currency, CASE WHEN sum(gross) > 0 THEN greatest(sum(net) / sum(gross), 0) ELSE 0 END AS margin FROM revenue GROUP BY currency),
churn AS (SELECT coalesce(arg_max(churn_rate, day), 0) AS rate FROM gold.churn_proxy)
SELECT
  r.customer_id, r.currency, f.first_active AS first_activity, r.net AS observed,
  CAST(CAST(r.gross AS DOUBLE) / greatest(1, datediff('day', coalesce(f.first_active, r.first_month), n.day) / 30.4375) * m.margin
    * CASE WHEN c.rate * 36 > 1 THEN 1 / c.rate ELSE 36 END AS DECIMAL(38, 4)) AS projected
FROM revenue AS r
JOIN margins AS m ON m.currency = r.currency
LEFT JOIN gold.customer_activity AS f ON f.customer_id = r.customer_id
CROSS JOIN churn AS c
CROSS JOIN gold.as_of AS n
