-- check: accounts_resolve
-- model: account_attributes
-- severity: block
-- inputs: fct_ledger_entries, fct_transactions, account_attributes
-- gone: accounts
-- scope: changed entries and transactions
-- expected: their accounts are in account_attributes, and an entry has its account's currency

-- == changed
SELECT f.entry_id, f.transaction_id, f.account_id, f.currency
FROM (
  SELECT entry_id, transaction_id, account_id, currency FROM fresh.fct_ledger_entries
  UNION ALL
  SELECT NULL, transaction_id, account_id, NULL FROM fresh.fct_transactions
) AS f
LEFT JOIN (
  SELECT account_id, currency FROM gold.account_attributes
  WHERE account_id IN (SELECT account_id FROM fresh.fct_ledger_entries UNION ALL SELECT account_id FROM fresh.fct_transactions)
) AS a ON a.account_id = f.account_id
WHERE a.account_id IS NULL OR a.currency <> f.currency

-- == full
SELECT f.entry_id, f.transaction_id, f.account_id, f.currency
FROM (
  SELECT entry_id, transaction_id, account_id, currency FROM gold.fct_ledger_entries
  UNION ALL
  SELECT NULL, transaction_id, account_id, NULL FROM gold.fct_transactions
) AS f
LEFT JOIN gold.account_attributes AS a ON a.account_id = f.account_id
WHERE a.account_id IS NULL OR a.currency <> f.currency
