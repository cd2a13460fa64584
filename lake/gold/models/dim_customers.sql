-- model: dim_customers
-- description: Customers as they are now, with their segment.
-- grain: customer
-- key: customer_id
-- inputs: gold.customer_attributes, gold.customer_activity, gold.as_of
-- refresh: view
-- ties to: one row per row of customer_attributes
-- column customer_id BIGINT: the bank's number of the customer
-- column first_name VARCHAR: given name
-- column last_name VARCHAR: family name
-- column email VARCHAR: address for messages
-- column created_at TIMESTAMP: when the customer joined, UTC
-- column segment VARCHAR: prospect (never active), new (first active in the last 30 days), active (in the last 30 days), lapsing (31 to 90 days ago) or dormant
-- column first_active DATE: first day with a customer-initiated posted movement
-- column last_active DATE: last such day
SELECT
  c.customer_id, c.first_name, c.last_name, c.email, c.created_at,
  CASE
    WHEN d.last_active IS NULL THEN 'prospect'
    WHEN d.first_active > n.day - 30 THEN 'new'
    WHEN d.last_active > n.day - 30 THEN 'active'
    WHEN d.last_active > n.day - 90 THEN 'lapsing'
    ELSE 'dormant'
  END AS segment,
  d.first_active, d.last_active
FROM gold.customer_attributes AS c
LEFT JOIN gold.customer_activity AS d ON d.customer_id = c.customer_id
CROSS JOIN gold.as_of AS n
