-- model: merchant_customer_days
-- description: Days on which a customer bought from a merchant, and whether it was the first of them.
-- grain: customer x merchant x UTC day of event_ts x currency
-- key: customer_id, merchant_id, day, currency
-- inputs: gold.fct_transactions
-- refresh: turn
-- groups: customer_id of fct_transactions
-- order: day, merchant_id
-- published: no
-- ties to: days = posted purchases with a merchant of fct_transactions
-- column customer_id BIGINT: customer
-- column merchant_id BIGINT: merchant
-- column day DATE: UTC day
-- column currency VARCHAR: ISO 4217 code
-- column is_new BOOLEAN: no earlier day with a posted purchase there in the currency
SELECT customer_id, merchant_id, event_day AS day, currency, event_day = min(event_day) OVER (PARTITION BY customer_id, merchant_id, currency) AS is_new
FROM gold.fct_transactions
WHERE type = 'PURCHASE' AND status = 'posted' AND merchant_id IS NOT NULL
GROUP BY customer_id, merchant_id, event_day, currency
