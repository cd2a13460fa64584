-- title: refund reversals
-- expected: what is returned of a transaction is in its currency and never more than its amount; the transaction was posted

SELECT o.transaction_id, o.status, o.currency, o.amount, r.original, r.returned, r.returns
FROM (
  SELECT COALESCE(f.reversal_of, f.reference_id) AS original, f.currency, SUM(f.amount) AS returned, COUNT(*) AS returns
  FROM transactions AS f
  WHERE f.status = 'posted' AND f.type IN ('REFUND', 'CHARGEBACK', 'REVERSAL') AND COALESCE(f.reversal_of, f.reference_id) IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM transactions AS u WHERE u.reversal_of = f.transaction_id AND u.status = 'posted')
  GROUP BY COALESCE(f.reversal_of, f.reference_id), f.currency
) AS r
LEFT JOIN transactions AS o ON o.transaction_id = r.original
WHERE o.transaction_id IS NULL OR o.status <> 'posted' OR o.currency <> r.currency OR r.returned > o.amount
