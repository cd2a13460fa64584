-- model: dim_dates
-- description: Every day from the year of the first transaction to the end of the year of the last one.
-- grain: UTC day
-- key: day
-- inputs: gold.daily_volumes, gold.transaction_days
-- refresh: view
-- ties to: every day of a fact is here
-- column day DATE: the day
-- column month DATE: first day of its month
-- column year INTEGER: year
-- column quarter INTEGER: 1 to 4
-- column month_number INTEGER: 1 to 12
-- column day_of_month INTEGER: 1 to 31
-- column iso_week INTEGER: week of the ISO year
-- column iso_weekday INTEGER: 1 Monday to 7 Sunday
-- column is_weekend BOOLEAN: Saturday or Sunday
-- column is_month_end BOOLEAN: last day of its month
SELECT
  day, CAST(date_trunc('month', day) AS DATE) AS month, year(day) AS year, quarter(day) AS quarter, month(day) AS month_number, day(day) AS day_of_month,
  weekofyear(day) AS iso_week, isodow(day) AS iso_weekday, isodow(day) >= 6 AS is_weekend, day = last_day(day) AS is_month_end
FROM (
  SELECT CAST(unnest(generate_series(date_trunc('year', first_day), date_trunc('year', last_day_seen) + INTERVAL 1 YEAR - INTERVAL 1 DAY, INTERVAL 1 DAY)) AS DATE) AS day
  FROM (
    SELECT CAST(min(day) AS TIMESTAMP) AS first_day, CAST(max(day) AS TIMESTAMP) AS last_day_seen
    FROM (SELECT day FROM gold.daily_volumes UNION ALL SELECT day FROM gold.transaction_days)
  )
)
