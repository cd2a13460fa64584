-- model: customer_attributes
-- description: What the bank says of each customer now.
-- grain: customer
-- key: customer_id
-- inputs: silver.customers(customer_id)
-- refresh: rows
-- ties to: every customer of a transaction or account is here (check customers_resolve)
-- column customer_id BIGINT uncompressed: the bank's number of the customer
-- column first_name VARCHAR: given name
-- column last_name VARCHAR: family name
-- column email VARCHAR: address for messages
-- column created_at TIMESTAMP: when the customer joined, UTC
SELECT
  customer_id,
  first_name,
  last_name,
  email,
  CAST(created_at AS TIMESTAMP) AS created_at
FROM silver.customers
