-- title: account roll-ups
-- expected: the entries of all accounts of a currency, those of the house included, sum to zero; an account has as many entries as it counts

SELECT 'currency' AS level, currency AS name, SUM(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) AS difference
FROM ledger_entries GROUP BY currency HAVING SUM(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) <> 0
UNION ALL
SELECT 'transaction', CAST(transaction_id AS CHAR), SUM(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END)
FROM ledger_entries GROUP BY transaction_id HAVING SUM(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) <> 0
UNION ALL
SELECT 'account', CAST(a.account_id AS CHAR), a.entry_seq - COUNT(e.entry_id)
FROM accounts AS a LEFT JOIN ledger_entries AS e ON e.account_id = a.account_id
WHERE a.balance IS NOT NULL GROUP BY a.account_id, a.entry_seq HAVING a.entry_seq <> COUNT(e.entry_id)
