-- model: dim_accounts
-- description: Accounts as they are now, with their balances.
-- grain: account
-- key: account_id
-- inputs: gold.account_attributes, gold.account_balances
-- refresh: view
-- ties to: balance = closing of the account's last day (check daily_balances_chain); every account of an entry or transaction is here (check accounts_resolve)
-- column account_id BIGINT: the bank's number of the account
-- column customer_id BIGINT: owner; house accounts may have none
-- column account_type VARCHAR: checking, savings, credit, investment or a house type
-- column currency VARCHAR: ISO 4217 code of the account and all its entries
-- column status VARCHAR: active, frozen or closed
-- column overdraft_limit DECIMAL(20,4): how far the balance may go below zero
-- column created_at TIMESTAMP: when the account was opened, UTC
-- column balance DECIMAL(38,4): credits minus debits of all entries
-- column entries BIGINT: number of entries
SELECT
  a.account_id,
  a.customer_id,
  a.account_type,
  a.currency,
  a.status,
  a.overdraft_limit,
  a.created_at,
  coalesce(b.balance, 0) AS balance,
  coalesce(b.entries, 0) AS entries
FROM gold.account_attributes AS a
LEFT JOIN gold.account_balances AS b ON b.account_id = a.account_id
