-- rule: dormant_reactivation
-- version: 2
-- status: active
-- severity: high
-- score: 35
-- entity: account
-- needs: account_id, account_since
-- windows: dormant_days, after_hours
-- when: direction = 'debit' AND status <> 'failed' AND kind IN ('purchase', 'transfer', 'cash_out')
-- evidence: e.account_id = t.account_id AND e.direction = 'debit' AND e.status <> 'failed' AND e.kind IN ('purchase', 'transfer', 'cash_out') AND $within(after_hours)
-- screen: customer_sum_1d + value >= $min_value
-- description: Money leaves an account in which its owner had not moved anything for a long time.
-- explanation: {value} in the {after_hours} hours after {dormant_days} days without a payment (limit {min_value})
-- param dormant_days integer = 45: days without a payment
-- param after_hours integer = 24: how long after the first payment it counts
-- param min_value number = 250: value in that time from which it counts
SELECT account_id AS entity_id, transaction_id AS trigger_id, {'value': value_since, 'payments': payments_since} AS observed
FROM (
  SELECT *, bool_or(first_again) OVER (PARTITION BY account_id ORDER BY tick $until(after_hours)) AS woken
  FROM (
    SELECT transaction_id, account_id, is_trigger, tick, tie,
      count(*) OVER (PARTITION BY account_id ORDER BY tick $before(dormant_days)) = 0 AND account_since <= event_ts - to_days($dormant_days) AS first_again,
      sum(value) OVER (PARTITION BY account_id ORDER BY tick $until(after_hours)) AS value_since,
      count(*) OVER (PARTITION BY account_id ORDER BY tick $until(after_hours)) AS payments_since
    FROM fraud_transactions
    WHERE direction = 'debit' AND status <> 'failed' AND kind IN ('purchase', 'transfer', 'cash_out') AND customer_id IS DISTINCT FROM counter_customer_id
  )
)
WHERE is_trigger AND woken AND value_since >= $min_value
