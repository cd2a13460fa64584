-- rule: card_testing
-- version: 1
-- status: active
-- severity: high
-- score: 45
-- entity: customer
-- needs: customer_id
-- windows: window_minutes
-- when: kind = 'purchase' AND (value >= $large_value OR value <= $tiny_value)
-- evidence: e.customer_id = t.customer_id AND e.direction = 'debit' AND e.kind = 'purchase' AND e.value <= $tiny_value AND $within(window_minutes)
-- screen: customer_count_1h >= least($min_tiny, $min_probes - 1)
-- description: Several tiny purchases in a short time (does the card work?), declined ones too, or a large one after them.
-- explanation: {tiny} purchases up to {tiny_value} in {window_minutes} minutes, this one {value}; {min_tiny} before one of {large_value} or more are too many, or {min_probes} alone
-- param window_minutes integer = 60: how far back the tiny purchases may be
-- param tiny_value number = 5: a tiny purchase is not above this
-- param min_tiny integer = 3: tiny purchases before a large one
-- param large_value number = 100: a large purchase is at least this
-- param min_probes integer = 5: tiny purchases that are an alert by themselves
SELECT customer_id AS entity_id, transaction_id AS trigger_id, {'tiny': tiny, 'value': value} AS observed
FROM (
  SELECT transaction_id, customer_id, is_trigger, value,
    count(*) FILTER (value <= $tiny_value) OVER (PARTITION BY customer_id ORDER BY tick $until(window_minutes)) AS tiny
  FROM fraud_transactions
  WHERE customer_id IS NOT NULL AND direction = 'debit' AND kind = 'purchase'
)
WHERE is_trigger AND ((value >= $large_value AND tiny >= $min_tiny) OR (value <= $tiny_value AND tiny >= $min_probes))
