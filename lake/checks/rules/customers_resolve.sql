-- check: customers_resolve
-- model: customer_attributes
-- severity: block
-- inputs: fct_transactions, customer_attributes
-- gone: customers
-- scope: changed transactions
-- expected: every transaction's customer is in customer_attributes

-- == changed
SELECT t.transaction_id, t.customer_id
FROM fresh.fct_transactions AS t
ANTI JOIN (SELECT customer_id FROM gold.customer_attributes WHERE customer_id IN (SELECT customer_id FROM fresh.fct_transactions)) AS c ON c.customer_id = t.customer_id

-- == full
SELECT t.transaction_id, t.customer_id
FROM gold.fct_transactions AS t
ANTI JOIN gold.customer_attributes AS c ON c.customer_id = t.customer_id
