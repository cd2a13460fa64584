-- model: churn_proxy
-- description: Customers active 31 to 60 days before the day, and those of them who were not active since, or took 90 % of their money and deposited nothing for 30 days.
-- grain: UTC day: the last 120 days gold knows of, and the first day of every month before
-- key: day
-- inputs: gold.customer_days, gold.daily_account_balances, gold.account_attributes, gold.as_of
-- refresh: turn
-- ties to: churned <= customers (check actives_bounded)
-- column day DATE: UTC day t
-- column customers BIGINT: customers active in [t-60, t-30)
-- column churned BIGINT: those of them not active in [t-30, t), or with a balance down by 90 % or more over the 30 days and no deposit in them
-- column churn_rate DOUBLE: churned / customers
WITH days AS (
  SELECT CAST(unnest(generate_series(CAST(min(d.day) AS TIMESTAMP), CAST(max(n.day) AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE) AS day, max(n.day) AS last_day
  FROM gold.customer_days AS d CROSS JOIN gold.as_of AS n
),
seen AS (
  SELECT t.day, d.customer_id, bool_or(d.day >= t.day - 30) AS stayed, bool_or(d.day >= t.day - 30 AND d.deposits > 0) AS deposited
  FROM (SELECT day FROM days WHERE day > last_day - 120 OR day(day) = 1) AS t
  JOIN gold.customer_days AS d ON d.day >= t.day - 60 AND d.day < t.day
  GROUP BY t.day, d.customer_id
  HAVING bool_or(d.day < t.day - 30)
),
balances AS (
  SELECT a.customer_id, b.currency, b.day, sum(sum(b.net)) OVER (PARTITION BY a.customer_id, b.currency ORDER BY b.day) AS balance
  FROM gold.daily_account_balances AS b
  JOIN gold.account_attributes AS a ON a.account_id = b.account_id
  GROUP BY a.customer_id, b.currency, b.day
),
emptied AS (
  SELECT s.day, s.customer_id
  FROM (SELECT s.day, s.customer_id, c.currency FROM seen AS s JOIN (SELECT DISTINCT customer_id, currency FROM balances) AS c ON c.customer_id = s.customer_id WHERE s.stayed AND NOT s.deposited) AS s
  ASOF LEFT JOIN balances AS b ON b.customer_id = s.customer_id AND b.currency = s.currency AND b.day < s.day - 30
  ASOF LEFT JOIN balances AS e ON e.customer_id = s.customer_id AND e.currency = s.currency AND e.day < s.day
  GROUP BY s.day, s.customer_id
  HAVING bool_or(b.balance > 0) AND bool_and(coalesce(e.balance, 0) * 10 <= coalesce(b.balance, 0))
)
SELECT s.day, count(*) AS customers, count(*) FILTER (NOT s.stayed OR e.customer_id IS NOT NULL) AS churned,
  count(*) FILTER (NOT s.stayed OR e.customer_id IS NOT NULL) / count(*) AS churn_rate
FROM seen AS s
LEFT JOIN emptied AS e ON e.day = s.day AND e.customer_id = s.customer_id
GROUP BY s.day
