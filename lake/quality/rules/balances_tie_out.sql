-- check: balances_tie_out
-- kind: sql
-- table: silver.accounts
-- severity: page
-- dimension: accuracy
-- run: minutes
-- expected: the cached balance of every customer account is the sum of its entries; the entries are the truth

SELECT a.account_id, a.balance, coalesce(e.balance, 0) AS entries, a.balance - coalesce(e.balance, 0) AS amount
FROM silver.accounts AS a
LEFT JOIN (
  SELECT account_id, sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) AS balance
  FROM silver.ledger_entries
  GROUP BY account_id
) AS e ON e.account_id = a.account_id
WHERE a.balance IS NOT NULL AND a.balance <> coalesce(e.balance, 0)
