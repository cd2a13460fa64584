-- check: trial_balance_zero
-- kind: sql
-- table: silver.ledger_entries
-- severity: page
-- dimension: accuracy
-- run: minutes
-- expected: all accounts of a currency, those of the house included, sum to zero

SELECT currency, sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) AS amount
FROM silver.ledger_entries
GROUP BY currency
HAVING sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) <> 0
