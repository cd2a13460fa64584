-- check: posted_has_entries
-- model: fct_transactions
-- severity: block
-- inputs: fct_transactions, fct_ledger_entries
-- scope: changed transactions, and transactions that lost an entry
-- expected: a posted transaction has two or more entries

-- == changed
SELECT t.transaction_id, coalesce(e.entries, 0) AS entries
FROM (
  SELECT transaction_id FROM fresh.fct_transactions WHERE status = 'posted'
  UNION ALL
  SELECT transaction_id FROM gold.fct_transactions
  WHERE status = 'posted' AND transaction_id IN (SELECT transaction_id FROM stale.fct_ledger_entries)
) AS t
LEFT JOIN (
  SELECT transaction_id, count(*) AS entries
  FROM gold.fct_ledger_entries
  WHERE transaction_id IN (SELECT transaction_id FROM fresh.fct_transactions UNION ALL SELECT transaction_id FROM stale.fct_ledger_entries)
  GROUP BY transaction_id
) AS e ON e.transaction_id = t.transaction_id
WHERE coalesce(e.entries, 0) < 2

-- == full
SELECT t.transaction_id, coalesce(e.entries, 0) AS entries
FROM gold.fct_transactions AS t
LEFT JOIN (SELECT transaction_id, count(*) AS entries FROM gold.fct_ledger_entries GROUP BY transaction_id) AS e ON e.transaction_id = t.transaction_id
WHERE t.status = 'posted' AND coalesce(e.entries, 0) < 2
