-- check: accounts_resolve
-- model: dim_accounts
-- severity: block
-- inputs: fct_ledger_entries, dim_accounts
-- gone: accounts
-- scope: changed entries
-- expected: every entry's account is in dim_accounts, in the account's own currency

-- == changed
SELECT e.entry_id, e.account_id, e.currency
FROM fresh.fct_ledger_entries AS e
ANTI JOIN gold.dim_accounts AS a ON a.account_id = e.account_id AND a.currency = e.currency

-- == full
SELECT e.entry_id, e.account_id, e.currency
FROM gold.fct_ledger_entries AS e
ANTI JOIN gold.dim_accounts AS a ON a.account_id = e.account_id AND a.currency = e.currency
