-- model: dim_accounts
-- description: Accounts as they are now. The balance is the sum of the entries, never the bank's cached accounts.balance.
-- grain: account
-- key: account_id
-- inputs: silver.accounts(account_id), gold.fct_ledger_entries
-- refresh: increment
-- ties to: balance = closing of the account's last day (check daily_balances_chain); every account of an entry or transaction is here (check accounts_resolve)
-- column account_id BIGINT uncompressed: the bank's number of the account
-- column customer_id BIGINT uncompressed: owner; house accounts may have none
-- column account_type VARCHAR uncompressed: checking, savings, credit, investment or a house type
-- column currency VARCHAR uncompressed: ISO 4217 code of the account and all its entries
-- column status VARCHAR uncompressed: active, frozen or closed
-- column overdraft_limit DECIMAL(20,4) uncompressed: how far the balance may go below zero
-- column created_at TIMESTAMP uncompressed: when the account was opened, UTC
-- column balance DECIMAL(38,4) uncompressed: credits minus debits of all entries
-- column entries BIGINT uncompressed: number of entries
-- column attributes_hash BIGINT uncompressed: changes when an attribute does; a refresh looks at this instead of at all of them
SELECT
  a.account_id,
  a.customer_id,
  a.account_type,
  a.currency,
  a.status,
  a.overdraft_limit,
  CAST(a.created_at AS TIMESTAMP) AS created_at,
  coalesce(e.balance, 0) AS balance,
  coalesce(e.entries, 0) AS entries,
  CAST(hash(a.customer_id, a.account_type, a.currency, a.status, a.overdraft_limit, CAST(a.created_at AS TIMESTAMP)) >> 1 AS BIGINT) AS attributes_hash
FROM silver.accounts AS a
LEFT JOIN (
  SELECT
    account_id,
    sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) AS balance,
    count(*) AS entries
  FROM gold.fct_ledger_entries
  GROUP BY account_id
) AS e ON e.account_id = a.account_id
