-- title: event sanity
-- expected: amounts are positive, statuses known, the account exists; posted transactions have two or more entries, others none

SELECT t.transaction_id, t.status, t.amount, COALESCE(e.entries, 0) AS entries, a.account_id AS account
FROM transactions AS t
LEFT JOIN (SELECT transaction_id, COUNT(*) AS entries FROM ledger_entries GROUP BY transaction_id) AS e ON e.transaction_id = t.transaction_id
LEFT JOIN accounts AS a ON a.account_id = t.account_id
WHERE t.amount <= 0 OR t.status NOT IN ('pending', 'posted', 'failed') OR a.account_id IS NULL
  OR (t.status = 'posted' AND COALESCE(e.entries, 0) < 2) OR (t.status <> 'posted' AND COALESCE(e.entries, 0) > 0)
UNION ALL
SELECT o.transaction_id, NULL, SUM(o.amount), COUNT(*), NULL
FROM ledger_entries AS o
WHERE NOT EXISTS (SELECT 1 FROM transactions AS x WHERE x.transaction_id = o.transaction_id) GROUP BY o.transaction_id
