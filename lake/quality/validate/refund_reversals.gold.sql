-- title: refund reversals
-- expected: what is returned of a transaction is in its currency and never more than its amount; the transaction was posted

SELECT o.transaction_id, o.status, o.currency, o.amount, r.returned, r.returns
FROM (
  SELECT reversal_of, currency, SUM(amount) AS returned, COUNT(*) AS returns FROM gold.fct_transactions WHERE reversal_of IS NOT NULL AND status = 'posted' GROUP BY reversal_of, currency
) AS r
LEFT JOIN gold.fct_transactions AS o ON o.transaction_id = r.reversal_of
WHERE o.transaction_id IS NULL OR o.status <> 'posted' OR o.currency <> r.currency OR r.returned > o.amount
