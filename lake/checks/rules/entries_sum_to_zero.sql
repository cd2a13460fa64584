-- check: entries_sum_to_zero
-- model: fct_ledger_entries
-- severity: block
-- inputs: fct_ledger_entries
-- scope: transactions with a changed entry
-- expected: per transaction and currency, credits equal debits (G6)

-- == changed
SELECT transaction_id, currency, sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) AS difference
FROM gold.fct_ledger_entries
WHERE transaction_id IN (SELECT transaction_id FROM changed.fct_ledger_entries)
GROUP BY transaction_id, currency
HAVING sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) <> 0

-- == full
SELECT transaction_id, currency, sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) AS difference
FROM gold.fct_ledger_entries
GROUP BY transaction_id, currency
HAVING sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) <> 0
