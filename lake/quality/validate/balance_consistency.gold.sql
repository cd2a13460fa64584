-- title: balance consistency
-- expected: the balance of every account in gold is the sum of its entries, and its last day closes with it

SELECT coalesce(b.account_id, e.account_id) AS account_id, b.balance, e.derived AS entries, d.closing
FROM gold.account_balances AS b
FULL JOIN (
  SELECT account_id, sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) AS derived FROM gold.fct_ledger_entries GROUP BY account_id
) AS e ON e.account_id = b.account_id
LEFT JOIN (SELECT account_id, arg_max(closing, day) AS closing FROM gold.daily_account_balances GROUP BY account_id) AS d ON d.account_id = b.account_id
WHERE b.balance IS DISTINCT FROM e.derived OR b.balance IS DISTINCT FROM d.closing
