-- rule: new_device_high_amount
-- version: 1
-- status: active
-- severity: high
-- score: 40
-- entity: customer
-- needs: customer_id, device_id
-- windows: known_days
-- when: direction = 'debit' AND device_id IS NOT NULL AND value >= $min_value
-- evidence: e.customer_id = t.customer_id AND e.device_id = t.device_id AND e.direction = 'debit' AND e.status <> 'failed' AND $within(new_hours)
-- description: A large payment with a device that this customer has used for a short time only.
-- explanation: {value} with device {device}, first used at most {new_hours} hours before (limit {min_value}, and {over_usual} times the usual {usual})
-- param new_hours integer = 24: a device is new for this time
-- param known_days integer = 60: a device that was not used for this time is new again
-- param min_prior integer = 5: payments with other devices without which every device would be new
-- param min_value number = 250: payments from here on are large
-- param over_usual number = 3: times the customer's usual payment that it must be as well
SELECT customer_id AS entity_id, transaction_id AS trigger_id, {'value': value, 'device': device_id, 'usual': round(usual, 2)} AS observed
FROM (
  SELECT transaction_id, customer_id, device_id, is_trigger, value, direction,
    count(*) OVER (PARTITION BY customer_id, device_id ORDER BY tick $between(known_days, new_hours)) AS known,
    count(*) OVER (PARTITION BY customer_id ORDER BY tick $between(known_days, new_hours)) AS prior,
    avg(value) FILTER (direction = 'debit') OVER (PARTITION BY customer_id ORDER BY tick $between(known_days, new_hours)) AS usual
  FROM fraud_transactions
  WHERE customer_id IS NOT NULL AND device_id IS NOT NULL AND status <> 'failed'
)
WHERE is_trigger AND direction = 'debit' AND known = 0 AND prior >= $min_prior AND value >= $min_value AND value >= $over_usual * usual
