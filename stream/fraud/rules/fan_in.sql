-- rule: fan_in
-- version: 1
-- status: active
-- severity: high
-- score: 35
-- entity: account
-- needs: account_id, counter_account_id
-- windows: habit_days
-- when: kind = 'transfer' AND counter_account_id IS NOT NULL
-- evidence: e.counter_account_id = f.entity_id AND e.direction = 'debit' AND e.status <> 'failed' AND e.kind = 'transfer' AND e.customer_id IS DISTINCT FROM e.counter_customer_id AND $within(window_hours)
-- evidence: e.account_id = f.entity_id AND e.direction = 'credit' AND e.counter_account_id IS NOT NULL AND e.status <> 'failed' AND e.kind = 'transfer' AND e.customer_id IS DISTINCT FROM e.counter_customer_id AND $within(window_hours)
-- prior: account = CASE WHEN t.direction = 'debit' THEN t._counter_account_id ELSE t._account_id END in window_hours having count(DISTINCT h.other) FILTER (WHERE h.is_in AND h.between_accounts) >= $min_others - 1
-- description: Many accounts pay one account within a day that is not paid so otherwise.
-- explanation: {others} accounts paid this one {total} in {window_hours} hours (limit {min_others}, and {over_habit} times the usual {usual_a_day} transfers a day)
-- param window_hours integer = 24: within this time
-- param min_others integer = 5: accounts on the other side that are too many
-- param min_total number = 500: value from which it counts
-- param habit_days integer = 30: history that tells what is usual
-- param over_habit number = 5: times the usual transfers of a day that it must be as well
WITH edges AS (
  SELECT transaction_id, tick, tie, is_trigger, value,
    CASE WHEN direction = 'debit' THEN account_id ELSE counter_account_id END AS payer,
    CASE WHEN direction = 'debit' THEN counter_account_id ELSE account_id END AS payee
  FROM fraud_transactions
  WHERE counter_account_id IS NOT NULL AND status <> 'failed' AND kind = 'transfer' AND customer_id IS DISTINCT FROM counter_customer_id
)
SELECT payee AS entity_id, transaction_id AS trigger_id, {'others': others, 'total': total, 'usual_a_day': round(usual, 2)} AS observed
FROM (
  SELECT payee, transaction_id, is_trigger,
    count(DISTINCT payer) OVER (PARTITION BY payee ORDER BY tick $until(window_hours)) AS others,
    sum(value) OVER (PARTITION BY payee ORDER BY tick $until(window_hours)) AS total,
    count(*) OVER (PARTITION BY payee ORDER BY tick $between(habit_days, window_hours)) / $habit_days AS usual
  FROM edges
)
WHERE is_trigger AND others >= $min_others AND total >= $min_total AND others >= $over_habit * usual * $window_hours / 24
