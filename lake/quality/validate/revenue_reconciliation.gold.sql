-- title: revenue reconciliation
-- expected: fee revenue by month is the movement of the fee income accounts

SELECT coalesce(f.month, e.month) AS month, coalesce(f.account_id, e.account_id) AS account_id, coalesce(f.currency, e.currency) AS currency, f.amount AS fee_revenue, e.movement
FROM gold.fee_revenue AS f
FULL JOIN (
  SELECT date_trunc('month', l.day)::DATE AS month, l.account_id, l.currency, sum(CASE WHEN l.posting_type = 'CREDIT' THEN l.amount ELSE -l.amount END) AS movement
  FROM gold.fct_ledger_entries AS l JOIN gold.account_attributes AS a ON a.account_id = l.account_id
  WHERE a.account_type = 'house_fees' GROUP BY ALL
) AS e ON e.month = f.month AND e.account_id = f.account_id AND e.currency = f.currency
WHERE coalesce(f.amount, 0) <> coalesce(e.movement, 0)
