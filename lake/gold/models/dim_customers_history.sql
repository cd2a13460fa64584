-- model: dim_customers_history
-- description: Every state a customer's row had in MySQL, by the time of the change there.
-- grain: customer x state
-- key: customer_id, valid_from
-- inputs: silver.customers(customer_id)
-- refresh: history
-- ties to: the current rows = customer_attributes (check history_is_current)
-- column customer_id BIGINT: the bank's number of the customer
-- column first_name VARCHAR: given name
-- column last_name VARCHAR: family name
-- column email VARCHAR: address for messages
-- column created_at TIMESTAMP: when the customer joined, UTC
-- column valid_from TIMESTAMP: from when on the row held, UTC; the first row of a key holds from its creation on
-- column valid_to TIMESTAMP: until when it held; NULL: it still does
-- column is_current BOOLEAN: whether it is the present state
-- column is_first BOOLEAN: whether it is the first state known of the key; facts from before it join it too
SELECT customer_id, first_name, last_name, email, CAST(created_at AS TIMESTAMP) AS created_at
FROM silver.customers
