-- rule: refund_ratio
-- version: 2
-- status: active
-- severity: medium
-- score: 25
-- entity: customer
-- needs: customer_id
-- windows: window_days
-- when: kind = 'refund'
-- evidence: e.customer_id = t.customer_id AND e.status <> 'failed' AND e.kind = 'refund' AND $within(window_days)
-- evidence: e.customer_id = t.customer_id AND e.kind = 'purchase' AND e.transaction_id IN (SELECT reference_id FROM temp.fraud_scope WHERE kind = 'refund' AND status <> 'failed') AND $within(window_days)
-- description: A customer who gets back much of what was bought.
-- explanation: {refunds} refunds of {refunded} against purchases of {bought} in {window_days} days (limits {min_refunds} and {min_ratio} of the value)
-- param window_days integer = 14: within this time
-- param min_refunds integer = 4: refunds that are too many
-- param min_ratio number = 0.15: share of the purchases' value that is too much
SELECT customer_id AS entity_id, transaction_id AS trigger_id, {'refunds': refunds, 'refunded': refunded, 'bought': bought} AS observed
FROM (
  SELECT transaction_id, customer_id, is_trigger, kind,
    count(*) FILTER (kind = 'refund') OVER (PARTITION BY customer_id ORDER BY tick $until(window_days)) AS refunds,
    sum(value) FILTER (kind = 'refund') OVER (PARTITION BY customer_id ORDER BY tick $until(window_days)) AS refunded,
    coalesce(sum(value) FILTER (kind = 'purchase') OVER (PARTITION BY customer_id ORDER BY tick $until(window_days)), 0) AS bought
  FROM fraud_transactions WHERE customer_id IS NOT NULL AND status <> 'failed' AND kind IN ('purchase', 'refund')
)
WHERE is_trigger AND kind = 'refund' AND refunds >= $min_refunds AND refunded >= $min_ratio * bought
