-- check: entries_sum_to_zero
-- model: fct_ledger_entries
-- severity: block
-- inputs: fct_ledger_entries
-- scope: transactions with a changed entry; those of the last good gold sum to zero, so what came minus what went must too
-- expected: per transaction and currency, credits equal debits (G6)

-- == changed
SELECT transaction_id, currency, sum(amount) AS difference
FROM (
  SELECT transaction_id, currency, CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END AS amount FROM fresh.fct_ledger_entries
  UNION ALL
  SELECT transaction_id, currency, CASE WHEN posting_type = 'CREDIT' THEN -amount ELSE amount END AS amount FROM stale.fct_ledger_entries
)
GROUP BY transaction_id, currency
HAVING sum(amount) <> 0

-- == full
SELECT transaction_id, currency, sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) AS difference
FROM gold.fct_ledger_entries
GROUP BY transaction_id, currency
HAVING sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) <> 0
