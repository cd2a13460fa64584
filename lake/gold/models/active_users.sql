-- model: active_users
-- description: Customers with at least one customer-initiated posted movement on the day, and in the 7 and 30 days that end with it.
-- grain: UTC day of event_ts
-- key: day
-- inputs: gold.customer_days, gold.as_of
-- refresh: turn
-- ties to: active_1d <= active_7d <= active_30d <= customers (check actives_bounded)
-- column day DATE: UTC day, every one from the first activity to the last day gold knows of
-- column active_1d BIGINT: customers active on the day
-- column active_7d BIGINT: customers active on it or the 6 days before
-- column active_30d BIGINT: customers active on it or the 29 days before
-- note: each active day counts until the next one of the same customer, or until its window ends: +1 where it begins, -1 where it ends.
SELECT day, CAST(sum(d1) OVER (ORDER BY day) AS BIGINT) AS active_1d, CAST(sum(d7) OVER (ORDER BY day) AS BIGINT) AS active_7d,
  CAST(sum(d30) OVER (ORDER BY day) AS BIGINT) AS active_30d
FROM (
  SELECT day, sum(d1) AS d1, sum(d7) AS d7, sum(d30) AS d30
  FROM (
    SELECT day, 1 AS d1, 1 AS d7, 1 AS d30 FROM gold.customer_days
    UNION ALL
    SELECT day + 1, -1, 0, 0 FROM gold.customer_days
    UNION ALL
    SELECT least(day + 7, coalesce(next_day, day + 7)), 0, -1, 0 FROM (SELECT day, lead(day) OVER (PARTITION BY customer_id ORDER BY day) AS next_day FROM gold.customer_days)
    UNION ALL
    SELECT least(day + 30, coalesce(next_day, day + 30)), 0, 0, -1 FROM (SELECT day, lead(day) OVER (PARTITION BY customer_id ORDER BY day) AS next_day FROM gold.customer_days)
    UNION ALL
    SELECT CAST(unnest(generate_series(CAST(min(d.day) AS TIMESTAMP), CAST(greatest(max(n.day), max(d.day)) AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE), 0, 0, 0
    FROM gold.customer_days AS d CROSS JOIN gold.as_of AS n
  )
  GROUP BY day
)
QUALIFY day <= (SELECT greatest((SELECT max(day) FROM gold.customer_days), (SELECT day FROM gold.as_of)))
