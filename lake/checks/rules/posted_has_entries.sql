-- check: posted_has_entries
-- model: fct_transactions
-- severity: block
-- inputs: fct_transactions, fct_ledger_entries
-- scope: changed transactions, and transactions that lost an entry; only those without two new entries are looked up
-- expected: a posted transaction has two or more entries

-- == changed
SELECT p.transaction_id, count(e.entry_id) AS entries
FROM (
  SELECT transaction_id FROM fresh.fct_transactions
  WHERE status = 'posted'
    AND transaction_id NOT IN (SELECT transaction_id FROM fresh.fct_ledger_entries GROUP BY transaction_id HAVING count(*) >= 2)
  UNION
  SELECT transaction_id FROM gold.fct_transactions
  WHERE status = 'posted' AND transaction_id IN (SELECT transaction_id FROM stale.fct_ledger_entries)
) AS p
LEFT JOIN gold.fct_ledger_entries AS e ON e.transaction_id = p.transaction_id
GROUP BY p.transaction_id
HAVING count(e.entry_id) < 2

-- == full
SELECT t.transaction_id, coalesce(e.entries, 0) AS entries
FROM gold.fct_transactions AS t
LEFT JOIN (SELECT transaction_id, count(*) AS entries FROM gold.fct_ledger_entries GROUP BY transaction_id) AS e ON e.transaction_id = t.transaction_id
WHERE t.status = 'posted' AND coalesce(e.entries, 0) < 2
