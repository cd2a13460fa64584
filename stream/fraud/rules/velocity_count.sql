-- rule: velocity_count
-- version: 1
-- status: active
-- severity: high
-- score: 35
-- entity: customer
-- needs: customer_id
-- windows: habit_days
-- when: direction = 'debit' AND status <> 'failed' AND kind IN ('purchase', 'transfer', 'cash_out')
-- evidence: e.customer_id = t.customer_id AND e.direction = 'debit' AND e.status <> 'failed' AND e.kind IN ('purchase', 'transfer', 'cash_out') AND $within(burst_minutes)
-- screen: customer_count_1h >= $burst_count - 1 OR customer_count_1d >= $long_count - 1
-- description: Many payments by one customer in a short time: at least so many, and several times what is usual for this customer.
-- explanation: {burst} payments in {burst_minutes} minutes and {long} in {long_hours} hours; limits are {burst_count} and {long_count}, and {over_habit} times the usual {usual_a_day} a day
-- param burst_minutes integer = 30: the short window
-- param burst_count integer = 10: payments in the short window that are too many
-- param long_hours integer = 24: the long window
-- param long_count integer = 40: payments in the long window that are too many
-- param habit_days integer = 30: history that tells what is usual
-- param over_habit number = 5: times the usual rate that it must exceed as well
SELECT customer_id AS entity_id, transaction_id AS trigger_id,
  {'burst': burst, 'long': long, 'usual_a_day': round(usual, 2)} AS observed
FROM (
  SELECT transaction_id, customer_id, is_trigger,
    count(*) OVER (PARTITION BY customer_id ORDER BY tick $until(burst_minutes)) AS burst,
    count(*) OVER (PARTITION BY customer_id ORDER BY tick $until(long_hours)) AS long,
    count(*) OVER (PARTITION BY customer_id ORDER BY tick $between(habit_days, long_hours)) / $habit_days AS usual
  FROM fraud_transactions
  WHERE customer_id IS NOT NULL AND direction = 'debit' AND status <> 'failed' AND kind IN ('purchase', 'transfer', 'cash_out')
)
WHERE is_trigger
  AND (burst >= greatest($burst_count, $over_habit * usual * $burst_minutes / 1440) OR long >= greatest($long_count, $over_habit * usual * $long_hours / 24))
