-- check: posted_has_entries
-- model: fct_transactions
-- severity: block
-- inputs: fct_transactions, fct_ledger_entries
-- scope: changed transactions and transactions with a changed entry
-- expected: a posted transaction has two or more entries

-- == changed
SELECT t.transaction_id, t.status, coalesce(e.entries, 0) AS entries
FROM gold.fct_transactions AS t
LEFT JOIN (
  SELECT transaction_id, count(*) AS entries
  FROM gold.fct_ledger_entries
  WHERE transaction_id IN (SELECT transaction_id FROM changed.fct_transactions UNION ALL SELECT transaction_id FROM changed.fct_ledger_entries)
  GROUP BY transaction_id
) AS e ON e.transaction_id = t.transaction_id
WHERE t.transaction_id IN (SELECT transaction_id FROM changed.fct_transactions UNION ALL SELECT transaction_id FROM changed.fct_ledger_entries)
  AND t.status = 'posted' AND coalesce(e.entries, 0) < 2

-- == full
SELECT t.transaction_id, t.status, coalesce(e.entries, 0) AS entries
FROM gold.fct_transactions AS t
LEFT JOIN (SELECT transaction_id, count(*) AS entries FROM gold.fct_ledger_entries GROUP BY transaction_id) AS e ON e.transaction_id = t.transaction_id
WHERE t.status = 'posted' AND coalesce(e.entries, 0) < 2
