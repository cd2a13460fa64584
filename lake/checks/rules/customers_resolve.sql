-- check: customers_resolve
-- model: dim_customers
-- severity: block
-- inputs: fct_transactions, dim_customers
-- gone: customers
-- scope: changed transactions
-- expected: every transaction's customer is in dim_customers

-- == changed
SELECT t.transaction_id, t.customer_id
FROM fresh.fct_transactions AS t
ANTI JOIN (SELECT customer_id FROM gold.dim_customers WHERE customer_id IN (SELECT customer_id FROM fresh.fct_transactions)) AS c ON c.customer_id = t.customer_id

-- == full
SELECT t.transaction_id, t.customer_id
FROM gold.fct_transactions AS t
ANTI JOIN gold.dim_customers AS c ON c.customer_id = t.customer_id
