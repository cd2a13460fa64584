-- rule: structuring
-- version: 1
-- status: active
-- severity: high
-- score: 40
-- entity: account
-- needs: account_id
-- windows: window_hours
-- when: kind IN ('cash_in', 'cash_out', 'transfer') AND value >= $band * $threshold
-- evidence: e.account_id = t.account_id AND e.direction = t.direction AND e.status <> 'failed' AND e.kind IN ('cash_in', 'cash_out', 'transfer') AND e.value >= $band * $threshold AND e.value < $threshold AND $within(window_hours)
-- description: Several amounts just under a reporting threshold within days, in one direction, and none above it.
-- explanation: {count} amounts from {band} of {threshold} up to it in {window_hours} hours, nothing above (limit {min_count})
-- param threshold number = 10000: amounts from here on are reported
-- param band number = 0.85: share of the threshold from which an amount is just under it
-- param window_hours integer = 72: within this time
-- param min_count integer = 3: amounts that are too many
SELECT account_id AS entity_id, transaction_id AS trigger_id, {'count': just_under, 'sum': total} AS observed
FROM (
  SELECT transaction_id, account_id, is_trigger, value,
    count(*) FILTER (value < $threshold) OVER (PARTITION BY account_id, direction ORDER BY tick $until(window_hours)) AS just_under,
    count(*) FILTER (value >= $threshold) OVER (PARTITION BY account_id, direction ORDER BY tick $until(window_hours)) AS above,
    sum(value) OVER (PARTITION BY account_id, direction ORDER BY tick $until(window_hours)) AS total
  FROM fraud_transactions
  WHERE status <> 'failed' AND kind IN ('cash_in', 'cash_out', 'transfer') AND value >= $band * $threshold
)
WHERE is_trigger AND value < $threshold AND just_under >= $min_count AND above = 0
