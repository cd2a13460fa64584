-- model: budgets
-- description: Budgets and how far they are used. Used: purchases net of refunds. Projected: the same by run rate to the end of the month.
-- grain: customer x month x category x currency
-- key: customer_id, month, category, currency
-- inputs: gold.budget_limits, gold.spend_by_category, gold.as_of
-- refresh: view
-- ties to: one row per row of budget_limits; spent = net of spend_by_category
-- column customer_id BIGINT: customer
-- column month DATE: first day of the month
-- column category VARCHAR: merchant category
-- column currency VARCHAR: ISO 4217 code
-- column limit_amount DECIMAL(20,4): what the customer wants to spend at most
-- column spent DECIMAL(38,4): purchases net of refunds
-- column used_percent DOUBLE: spent / limit x 100
-- column threshold_reached INTEGER: 0, 50, 80 or 100
-- column projected DECIMAL(38,4): spent at this rate by the month's end; spent itself for months that have ended
-- column projected_overspend DECIMAL(38,4): projected - limit where that is positive, else 0
SELECT
  *,
  greatest(projected - limit_amount, 0) AS projected_overspend
FROM (
  SELECT
    b.customer_id, b.month, b.category, b.currency, b.limit_amount, coalesce(s.net, 0) AS spent,
    100 * coalesce(s.net, 0) / b.limit_amount AS used_percent,
    CASE WHEN coalesce(s.net, 0) >= b.limit_amount THEN 100 WHEN s.net * 100 >= b.limit_amount * 80 THEN 80 WHEN s.net * 100 >= b.limit_amount * 50 THEN 50 ELSE 0 END AS threshold_reached,
    CASE
      WHEN b.month = date_trunc('month', n.day) THEN
        CAST(CAST(coalesce(s.net, 0) * 10000 AS HUGEINT) * day(last_day(n.day)) // day(n.day) AS DECIMAL(33, 0)) * CAST(0.0001 AS DECIMAL(5, 4))
      ELSE coalesce(s.net, 0)
    END AS projected
  FROM gold.budget_limits AS b
  LEFT JOIN gold.spend_by_category AS s ON s.customer_id = b.customer_id AND s.month = b.month AND s.category = b.category AND s.currency = b.currency
  CROSS JOIN gold.as_of AS n
)
