-- rule: high_risk_merchant
-- version: 1
-- status: active
-- severity: medium
-- score: 20
-- entity: customer
-- needs: customer_id, merchant_id
-- windows: habit_days
-- when: kind = 'purchase' AND (mcc IN $mcc OR lower(category) IN $categories)
-- evidence: e.customer_id = t.customer_id AND e.direction = 'debit' AND e.kind = 'purchase' AND (e.mcc IN $mcc OR lower(e.category) IN $categories) AND $within(window_hours)
-- screen: $min_count < 2 OR seconds_since_last <= $window_hours * 3600
-- description: Several purchases in categories that turn a card into money (gambling, crypto, money transfer), by somebody who does not do so usually.
-- explanation: {count} purchases of {total} in high-risk categories in {window_hours} hours, {usual} in the {habit_days} days before (limit {min_count})
-- param window_hours integer = 6: within this time
-- param min_count integer = 3: purchases that are too many
-- param mcc list = 4829, 5967, 6051, 6211, 7800, 7801, 7802, 7995: merchant category codes of high risk
-- param categories list = gambling, betting, casino, crypto, cryptocurrency, money transfer, money_transfer, quasi_cash: categories of high risk
-- param habit_days integer = 30: history that tells what is usual
-- param max_usual integer = 3: purchases of that kind in the history from which they are a habit
SELECT customer_id AS entity_id, transaction_id AS trigger_id, {'count': count, 'total': total, 'usual': usual} AS observed
FROM (
  SELECT transaction_id, customer_id, is_trigger,
    count(*) OVER (PARTITION BY customer_id ORDER BY tick $until(window_hours)) AS count,
    sum(value) OVER (PARTITION BY customer_id ORDER BY tick $until(window_hours)) AS total,
    count(*) OVER (PARTITION BY customer_id ORDER BY tick $between(habit_days, window_hours)) AS usual
  FROM fraud_transactions
  WHERE customer_id IS NOT NULL AND direction = 'debit' AND kind = 'purchase' AND (mcc IN $mcc OR lower(category) IN $categories)
)
WHERE is_trigger AND count >= $min_count AND usual < $max_usual
