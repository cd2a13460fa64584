-- check: customers_resolve
-- model: dim_customers
-- severity: block
-- inputs: fct_transactions, dim_accounts, dim_customers
-- gone: accounts, customers
-- scope: changed transactions
-- expected: every transaction's account and customer is in its dimension

-- == changed
SELECT t.transaction_id, 'account' AS missing, t.account_id AS id
FROM fresh.fct_transactions AS t
ANTI JOIN gold.dim_accounts AS a ON a.account_id = t.account_id
UNION ALL
SELECT t.transaction_id, 'customer' AS missing, t.customer_id AS id
FROM fresh.fct_transactions AS t
ANTI JOIN gold.dim_customers AS c ON c.customer_id = t.customer_id

-- == full
SELECT t.transaction_id, 'account' AS missing, t.account_id AS id
FROM gold.fct_transactions AS t
ANTI JOIN gold.dim_accounts AS a ON a.account_id = t.account_id
UNION ALL
SELECT t.transaction_id, 'customer' AS missing, t.customer_id AS id
FROM gold.fct_transactions AS t
ANTI JOIN gold.dim_customers AS c ON c.customer_id = t.customer_id
