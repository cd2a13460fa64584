-- title: revenue reconciliation
-- expected: every posted fee stands as one credit of its amount on a fee income account

SELECT t.transaction_id, t.currency, t.amount, COALESCE(i.income, 0) AS income
FROM transactions AS t
LEFT JOIN (
  SELECT e.transaction_id, SUM(CASE WHEN e.posting_type = 'CREDIT' THEN e.amount ELSE -e.amount END) AS income
  FROM ledger_entries AS e JOIN accounts AS a ON a.account_id = e.account_id
  WHERE a.account_type = 'house_fees' GROUP BY e.transaction_id
) AS i ON i.transaction_id = t.transaction_id
WHERE t.type = 'FEE' AND t.status = 'posted' AND t.reversal_of IS NULL AND COALESCE(i.income, 0) <> t.amount
