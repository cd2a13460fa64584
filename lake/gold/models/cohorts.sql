-- model: cohorts
-- description: Customers by the month of their first deposit, and how many of them were active in each month since.
-- grain: cohort month x month
-- key: cohort_month, month
-- inputs: gold.customer_days, gold.customer_activity
-- refresh: turn
-- ties to: customers = customers with a deposit; active <= customers (check actives_bounded)
-- column cohort_month DATE: month of the first posted deposit
-- column month DATE: month looked at
-- column customers BIGINT: customers of the cohort
-- column active BIGINT: those of them with a customer-initiated posted movement in the month
SELECT a.cohort_month, a.month, any_value(c.customers) AS customers, count(*) AS active
FROM (
  SELECT DISTINCT CAST(date_trunc('month', f.first_deposit) AS DATE) AS cohort_month, d.customer_id, CAST(date_trunc('month', d.day) AS DATE) AS month
  FROM gold.customer_days AS d
  JOIN gold.customer_activity AS f ON f.customer_id = d.customer_id
  WHERE date_trunc('month', d.day) >= date_trunc('month', f.first_deposit)
) AS a
JOIN (
  SELECT CAST(date_trunc('month', first_deposit) AS DATE) AS cohort_month, count(*) AS customers
  FROM gold.customer_activity
  WHERE first_deposit IS NOT NULL
  GROUP BY cohort_month
) AS c ON c.cohort_month = a.cohort_month
GROUP BY a.cohort_month, a.month
