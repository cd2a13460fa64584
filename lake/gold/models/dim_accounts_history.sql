-- model: dim_accounts_history
-- description: Every state an account's row had in MySQL, balances and counters aside, by the time of the change there.
-- grain: account x state
-- key: account_id, valid_from
-- inputs: silver.accounts(account_id)
-- refresh: history
-- ties to: the current rows = account_attributes (check history_is_current)
-- column account_id BIGINT: the bank's number of the account
-- column customer_id BIGINT: owner
-- column account_type VARCHAR: checking, savings, credit, investment or a house type
-- column currency VARCHAR: ISO 4217 code
-- column status VARCHAR: active, frozen or closed
-- column overdraft_limit DECIMAL(20,4): how far the balance may go below zero
-- column created_at TIMESTAMP: when the account was opened, UTC
-- column valid_from TIMESTAMP: from when on the row held, UTC; the first row of a key holds from its creation on
-- column valid_to TIMESTAMP: until when it held; NULL: it still does
-- column is_current BOOLEAN: whether it is the present state
-- column is_first BOOLEAN: whether it is the first state known of the key; facts from before it join it too
SELECT account_id, customer_id, account_type, currency, status, overdraft_limit, CAST(created_at AS TIMESTAMP) AS created_at
FROM silver.accounts
