-- model: dim_devices
-- description: Devices with what their use tells: since when, by how many customers.
-- grain: device
-- key: device_id
-- inputs: gold.fct_transactions, gold.device_attributes, gold.device_customer_days
-- refresh: turn
-- groups: device_id of fct_transactions, device_attributes, device_customer_days
-- touched by: device_attributes
-- ties to: one row per row of device_attributes
-- column device_id BIGINT: the bank's number of the device
-- column kind VARCHAR: phone, tablet, desktop, …
-- column os VARCHAR: operating system
-- column customer_id BIGINT: customer it was registered for, where known
-- column first_seen DATE: first day it was used; the day it was registered while it was not
-- column last_seen DATE: last day it was used
-- column customers BIGINT: customers who used it
-- column transactions BIGINT: transactions made with it
SELECT
  d.device_id, d.kind, d.os, d.customer_id,
  coalesce(u.first_seen, CAST(d.created_at AS DATE)) AS first_seen, u.last_seen, coalesce(u.customers, 0) AS customers, coalesce(u.transactions, 0) AS transactions
FROM gold.device_attributes AS d
LEFT JOIN (
  SELECT device_id, min(day) AS first_seen, max(day) AS last_seen, count(DISTINCT customer_id) AS customers, sum(transactions) AS transactions
  FROM gold.device_customer_days
  GROUP BY device_id
) AS u ON u.device_id = d.device_id
