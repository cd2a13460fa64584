-- model: device_customer_days
-- description: Days on which a customer used a device, whatever became of the transaction.
-- grain: device x customer x UTC day of event_ts
-- key: device_id, customer_id, day
-- inputs: gold.fct_transactions
-- refresh: sums
-- sums: transactions
-- order: device_id, day
-- published: no
-- ties to: transactions = transactions of fct_transactions with a device
-- column device_id BIGINT: device
-- column customer_id BIGINT: customer
-- column day DATE: UTC day of event_ts
-- column transactions BIGINT: transactions made with it
SELECT device_id, customer_id, event_day AS day, count(*) AS transactions
FROM gold.fct_transactions
WHERE device_id IS NOT NULL
GROUP BY ALL
