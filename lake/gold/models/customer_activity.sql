-- model: customer_activity
-- description: When each customer was first and last active, and when the first deposit came.
-- grain: customer with a customer-initiated posted movement
-- key: customer_id
-- inputs: gold.fct_transactions, gold.customer_days
-- refresh: turn
-- groups: customer_id of fct_transactions, customer_days
-- ties to: first and last day of customer_days
-- column customer_id BIGINT: customer
-- column first_active DATE: first day with a customer-initiated posted movement
-- column last_active DATE: last such day
-- column first_deposit DATE: first day with a posted deposit; NULL: none yet
-- column active_days BIGINT: number of such days
SELECT customer_id, min(day) AS first_active, max(day) AS last_active, min(day) FILTER (deposits > 0) AS first_deposit, count(*) AS active_days
FROM gold.customer_days
GROUP BY customer_id
