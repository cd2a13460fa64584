-- title: balance consistency
-- expected: the cached balance of every customer account is the sum of its entries

SELECT a.account_id, a.currency, a.balance AS cached, COALESCE(e.derived, 0) AS entries, a.balance - COALESCE(e.derived, 0) AS difference
FROM accounts AS a
LEFT JOIN (
  SELECT account_id, SUM(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) AS derived FROM ledger_entries GROUP BY account_id
) AS e ON e.account_id = a.account_id
WHERE a.balance IS NOT NULL AND a.balance <> COALESCE(e.derived, 0)
