-- model: churn_proxy
-- description: Customers active 31 to 60 days before the day, and those of them who were not active since, or took 90 % of their money and deposited nothing for 30 days.
-- grain: UTC day
-- key: day
-- inputs: gold.customer_days, gold.daily_account_balances, gold.account_attributes, gold.as_of
-- refresh: turn
-- ties to: churned <= customers (check actives_bounded)
-- column day DATE: UTC day t
-- column customers BIGINT: customers active in [t-60, t-30)
-- column churned BIGINT: those of them not active in [t-30, t), or with a balance (of one currency) down by 90 % or more over the 30 days and no deposit in them
-- column churn_rate DOUBLE: churned / customers
-- note: an active day d makes its customer count on the days d+31 to d+60, or until the next active day n takes over (n+30), and be lost from d+31 until n.
WITH active AS (SELECT customer_id, day, lead(day) OVER (PARTITION BY customer_id ORDER BY day) AS following FROM gold.customer_days),
deposits AS (SELECT customer_id, day FROM gold.customer_days WHERE deposits > 0),
counted AS (SELECT customer_id, day + 31 AS first_day, least(day + 60, coalesce(following + 30, day + 60)) AS last_day FROM active),
lost AS (SELECT customer_id, day + 31 AS first_day, least(day + 60, coalesce(following, day + 60)) AS last_day FROM active WHERE following IS NULL OR following > day + 30),
balances AS (
  SELECT customer_id, currency, day, balance, lead(day) OVER (PARTITION BY customer_id, currency ORDER BY day) AS following
  FROM (
    SELECT a.customer_id, b.currency, b.day, sum(sum(b.net)) OVER (PARTITION BY a.customer_id, b.currency ORDER BY b.day) AS balance
    FROM gold.daily_account_balances AS b
    JOIN gold.account_attributes AS a ON a.account_id = b.account_id
    WHERE a.account_type NOT LIKE 'house%'
    GROUP BY a.customer_id, b.currency, b.day
  )
),
dropped AS (
  SELECT e.customer_id, e.currency,
    CAST(unnest(generate_series(CAST(greatest(e.day + 1, b.day + 31) AS TIMESTAMP), CAST(least(coalesce(e.following, e.day + 60), coalesce(b.following + 30, b.day + 91), e.day + 60) AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE) AS day
  FROM balances AS e
  JOIN balances AS b ON b.customer_id = e.customer_id AND b.currency = e.currency AND b.balance > 0 AND e.balance * 10 <= b.balance AND b.day < e.day
    AND e.day <= coalesce(b.following, e.day) + 60
),
emptied AS (
  SELECT DISTINCT d.customer_id, d.day
  FROM dropped AS d
  JOIN counted AS c ON c.customer_id = d.customer_id AND d.day BETWEEN c.first_day AND c.last_day
  JOIN active AS s ON s.customer_id = d.customer_id AND s.day >= d.day - 30 AND s.day < d.day
  ANTI JOIN deposits AS p ON p.customer_id = d.customer_id AND p.day >= d.day - 30 AND p.day < d.day
),
steps AS (
  SELECT first_day AS day, 1 AS customers, 0 AS churned FROM counted WHERE first_day <= last_day
  UNION ALL
  SELECT last_day + 1, -1, 0 FROM counted WHERE first_day <= last_day
  UNION ALL
  SELECT first_day, 0, 1 FROM lost WHERE first_day <= last_day
  UNION ALL
  SELECT last_day + 1, 0, -1 FROM lost WHERE first_day <= last_day
  UNION ALL
  SELECT day, 0, 1 FROM emptied
  UNION ALL
  SELECT day + 1, 0, -1 FROM emptied
  UNION ALL
  SELECT CAST(unnest(generate_series(CAST(min(d.day) AS TIMESTAMP), CAST(max(n.day) AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE), 0, 0
  FROM gold.customer_days AS d CROSS JOIN gold.as_of AS n
)
SELECT day, customers, churned, churned / customers AS churn_rate
FROM (
  SELECT day, CAST(sum(sum(customers)) OVER (ORDER BY day) AS BIGINT) AS customers, CAST(sum(sum(churned)) OVER (ORDER BY day) AS BIGINT) AS churned
  FROM steps
  GROUP BY day
)
WHERE customers > 0 AND day <= (SELECT day FROM gold.as_of)
