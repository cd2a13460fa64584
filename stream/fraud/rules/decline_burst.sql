-- rule: decline_burst
-- version: 1
-- status: active
-- severity: high
-- score: 35
-- entity: customer
-- needs: customer_id
-- windows: window_minutes
-- when: status = 'failed'
-- evidence: e.customer_id = t.customer_id AND e.direction = 'debit' AND e.status = 'failed' AND $within(window_minutes)
-- screen: customer_declined_1d >= $min_declined - 1
-- description: Many declined payments of one customer within minutes.
-- explanation: {declined} declined payments in {window_minutes} minutes (limit {min_declined})
-- param window_minutes integer = 30: within this time
-- param min_declined integer = 5: declined payments that are too many
SELECT customer_id AS entity_id, transaction_id AS trigger_id, {'declined': declined} AS observed
FROM (
  SELECT transaction_id, customer_id, is_trigger, count(*) OVER (PARTITION BY customer_id ORDER BY tick $until(window_minutes)) AS declined
  FROM fraud_transactions WHERE customer_id IS NOT NULL AND direction = 'debit' AND status = 'failed'
)
WHERE is_trigger AND declined >= $min_declined
