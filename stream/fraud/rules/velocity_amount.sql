-- rule: velocity_amount
-- version: 1
-- status: active
-- severity: medium
-- score: 25
-- entity: customer
-- needs: customer_id
-- windows: habit_days
-- when: direction = 'debit' AND status <> 'failed' AND kind IN ('purchase', 'transfer', 'cash_out')
-- evidence: e.customer_id = t.customer_id AND e.direction = 'debit' AND e.status <> 'failed' AND e.kind IN ('purchase', 'transfer', 'cash_out') AND e.customer_id IS DISTINCT FROM e.counter_customer_id AND $within(hour_minutes)
-- screen: customer_count_1d >= $min_payments - 1 AND customer_sum_1d + value >= least($hour_min, $day_min)
-- description: Much more money leaves a customer within an hour or a day, over several payments, than is usual for this customer.
-- explanation: {hour_value} in an hour, {day_value} in a day over {payments} payments; limits are {hour_min} and {day_min}, and {over_habit} times the usual {usual_a_day} a day
-- param hour_minutes integer = 60: the short window
-- param hour_min number = 3000: value in the short window that is too much
-- param day_hours integer = 24: the long window
-- param day_min number = 8000: value in the long window that is too much
-- param min_payments integer = 3: payments it takes
-- param habit_days integer = 30: history that tells what is usual
-- param min_history integer = 10: payments in that history without which nothing is usual
-- param over_habit number = 10: times the usual value of a day that it must exceed as well
SELECT customer_id AS entity_id, transaction_id AS trigger_id,
  {'hour_value': hour_value, 'day_value': day_value, 'payments': payments, 'usual_a_day': round(usual, 2)} AS observed
FROM (
  SELECT transaction_id, customer_id, is_trigger,
    sum(value) OVER (PARTITION BY customer_id ORDER BY tick $until(hour_minutes)) AS hour_value,
    sum(value) OVER (PARTITION BY customer_id ORDER BY tick $until(day_hours)) AS day_value,
    count(*) OVER (PARTITION BY customer_id ORDER BY tick $until(day_hours)) AS payments,
    count(*) OVER (PARTITION BY customer_id ORDER BY tick $between(habit_days, day_hours)) AS history,
    coalesce(sum(value) OVER (PARTITION BY customer_id ORDER BY tick $between(habit_days, day_hours)), 0) / $habit_days AS usual
  FROM fraud_transactions
  WHERE customer_id IS NOT NULL AND direction = 'debit' AND status <> 'failed' AND kind IN ('purchase', 'transfer', 'cash_out')
    AND customer_id IS DISTINCT FROM counter_customer_id
)
WHERE is_trigger AND history >= $min_history AND payments >= $min_payments
  AND (hour_value >= greatest($hour_min, $over_habit * usual) OR day_value >= greatest($day_min, $over_habit * usual))
