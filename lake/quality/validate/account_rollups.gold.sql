-- title: account roll-ups
-- expected: balances of a currency sum to zero, days chain, and the net of all days is the balance

SELECT 'currency' AS level, currency AS name, sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) AS difference
FROM gold.fct_ledger_entries GROUP BY currency HAVING sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) <> 0
UNION ALL
SELECT 'transaction', transaction_id::VARCHAR, sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END)
FROM gold.fct_ledger_entries GROUP BY transaction_id HAVING sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) <> 0
UNION ALL
SELECT 'account', d.account_id::VARCHAR, d.net - b.balance
FROM (SELECT account_id, sum(net) AS net FROM gold.daily_account_balances GROUP BY account_id) AS d
LEFT JOIN gold.account_balances AS b ON b.account_id = d.account_id WHERE d.net IS DISTINCT FROM b.balance
