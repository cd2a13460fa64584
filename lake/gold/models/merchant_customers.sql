-- model: merchant_customers
-- description: Customers of a merchant by day, and whether it was their first purchase there.
-- grain: UTC day of event_ts x merchant x currency
-- key: day, merchant_id, currency
-- inputs: gold.fct_transactions
-- refresh: view
-- ties to: new + returning = unique
-- column day DATE: UTC day
-- column merchant_id BIGINT: merchant
-- column currency VARCHAR: ISO 4217 code
-- column unique_customers BIGINT: customers with a posted purchase
-- column new_customers BIGINT: those without one on an earlier day
-- column returning_customers BIGINT: the others
SELECT
  day, merchant_id, currency, count(*) AS unique_customers, count(*) FILTER (day = first_day) AS new_customers, count(*) FILTER (day > first_day) AS returning_customers
FROM (
  SELECT event_day AS day, merchant_id, currency, customer_id, min(event_day) OVER (PARTITION BY merchant_id, currency, customer_id) AS first_day
  FROM gold.fct_transactions
  WHERE type = 'PURCHASE' AND status = 'posted' AND merchant_id IS NOT NULL
  GROUP BY event_day, merchant_id, currency, customer_id
)
GROUP BY day, merchant_id, currency
