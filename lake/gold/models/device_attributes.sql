-- model: device_attributes
-- description: What the bank says of each device now.
-- grain: device
-- key: device_id
-- inputs: silver.devices(device_id)
-- refresh: rows
-- ties to: one row per row of silver.devices
-- column device_id BIGINT: the bank's number of the device
-- column customer_id BIGINT: customer it was registered for, where known
-- column kind VARCHAR: phone, tablet, desktop, …
-- column os VARCHAR: operating system
-- column created_at TIMESTAMP: when the bank registered it, UTC
SELECT device_id, customer_id, kind, os, CAST(created_at AS TIMESTAMP) AS created_at
FROM silver.devices
