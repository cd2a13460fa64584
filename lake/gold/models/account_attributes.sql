-- model: account_attributes
-- description: What the bank says of each account now, without money: the bank's cached balance is not in it.
-- grain: account
-- key: account_id
-- inputs: silver.accounts(account_id)
-- refresh: rows
-- ties to: every account of an entry or transaction is here (check accounts_resolve)
-- column account_id BIGINT uncompressed: the bank's number of the account
-- column customer_id BIGINT uncompressed: owner; house accounts may have none
-- column account_type VARCHAR uncompressed: checking, savings, credit, investment or a house type
-- column currency VARCHAR uncompressed: ISO 4217 code of the account and all its entries
-- column status VARCHAR uncompressed: active, frozen or closed
-- column overdraft_limit DECIMAL(20,4) uncompressed: how far the balance may go below zero
-- column created_at TIMESTAMP uncompressed: when the account was opened, UTC
SELECT
  account_id,
  customer_id,
  account_type,
  currency,
  status,
  overdraft_limit,
  CAST(created_at AS TIMESTAMP) AS created_at
FROM silver.accounts
