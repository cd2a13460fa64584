-- model: merchant_customers
-- description: Customers of a merchant by day, and whether it was their first purchase there.
-- grain: UTC day of event_ts x merchant x currency
-- key: day, merchant_id, currency
-- inputs: gold.merchant_customer_days
-- refresh: view
-- published: no
-- ties to: new + returning = unique
-- column day DATE: UTC day
-- column merchant_id BIGINT: merchant
-- column currency VARCHAR: ISO 4217 code
-- column unique_customers BIGINT: customers with a posted purchase
-- column new_customers BIGINT: those without one on an earlier day
-- column returning_customers BIGINT: the others
SELECT
  day, merchant_id, currency, count(*) AS unique_customers, count(*) FILTER (is_new) AS new_customers, count(*) FILTER (NOT is_new) AS returning_customers
FROM gold.merchant_customer_days
GROUP BY day, merchant_id, currency
