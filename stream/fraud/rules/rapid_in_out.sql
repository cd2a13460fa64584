-- rule: rapid_in_out
-- version: 1
-- status: active
-- severity: high
-- score: 40
-- entity: account
-- needs: account_id
-- windows: window_hours
-- when: kind IN ('cash_in', 'cash_out', 'transfer')
-- evidence: e.account_id = f.entity_id AND e.status <> 'failed' AND e.kind IN ('cash_in', 'cash_out', 'transfer') AND e.customer_id IS DISTINCT FROM e.counter_customer_id AND $within(window_hours)
-- evidence: e.counter_account_id = f.entity_id AND e.status <> 'failed' AND e.kind IN ('cash_in', 'cash_out', 'transfer') AND e.customer_id IS DISTINCT FROM e.counter_customer_id AND $within(window_hours)
-- screen: CASE WHEN direction = 'debit' THEN money_in_6h >= $min_in ELSE kind = 'transfer' AND counter_account_id IS NOT NULL END
-- description: Money passes through an account: nearly all that came in is out again within hours, and nothing else.
-- explanation: {out} of {in} that came in within {window_hours} hours is out again ({share}; limit {min_share} to {max_share})
-- param window_hours integer = 6: from the first money in to the last money out
-- param min_in number = 1000: money in from which it counts
-- param min_share number = 0.95: share that is out again
-- param max_share number = 1.1: more than this is spending of one's own money
WITH legs AS (
  SELECT account_id AS account, transaction_id, tick, tie, is_trigger, direction = 'debit' AS is_out, value FROM fraud_transactions
  WHERE status <> 'failed' AND kind IN ('cash_in', 'cash_out', 'transfer') AND customer_id IS DISTINCT FROM counter_customer_id
  UNION ALL
  SELECT counter_account_id, transaction_id, tick, tie, is_trigger, direction = 'credit', value FROM fraud_transactions
  WHERE status <> 'failed' AND kind = 'transfer' AND counter_account_id IS NOT NULL AND customer_id IS DISTINCT FROM counter_customer_id
)
SELECT account AS entity_id, transaction_id AS trigger_id,
  {'in': money_in, 'out': money_out, 'share': round(money_out / money_in, 3)} AS observed
FROM (
  SELECT account, transaction_id, is_trigger, is_out,
    sum(value) FILTER (NOT is_out) OVER (PARTITION BY account ORDER BY tick $until(window_hours)) AS money_in,
    sum(value) FILTER (is_out) OVER (PARTITION BY account ORDER BY tick $until(window_hours)) AS money_out
  FROM legs
)
WHERE is_trigger AND is_out AND money_in >= $min_in AND money_out BETWEEN $min_share * money_in AND $max_share * money_in
