-- rule: circular_flow
-- version: 1
-- status: active
-- severity: high
-- score: 45
-- entity: account
-- needs: account_id, counter_account_id
-- windows: window_hours, window_hours
-- when: kind = 'transfer' AND value >= $min_value
-- description: Money goes from A to B to C and back to A within days, most of it.
-- explanation: {first_value} left for {second_account}, went on to {third_account} and came back as {value} within {window_hours} hours
-- param window_hours integer = 72: from the first leg to the last
-- param min_value number = 100: smaller legs are left alone
-- param keep number = 0.8: share of a leg that goes on
-- param most number = 1.05: a leg that is larger is another payment
-- param busy integer = 50: transfers of the first or the last account in the window beyond which it is a business, and what passes is no circle
WITH edges AS (
  SELECT transaction_id, tick, tie, is_trigger, value,
    CASE WHEN direction = 'debit' THEN account_id ELSE counter_account_id END AS payer,
    CASE WHEN direction = 'debit' THEN counter_account_id ELSE account_id END AS payee
  FROM fraud_transactions
  WHERE counter_account_id IS NOT NULL AND account_id <> counter_account_id AND status <> 'failed' AND kind = 'transfer' AND value >= $min_value
), counted AS (
  SELECT *, count(*) OVER (PARTITION BY payer ORDER BY tick $before(window_hours)) AS sent,
    count(*) OVER (PARTITION BY payee ORDER BY tick $before(window_hours)) AS received
  FROM edges
)
SELECT back.payee AS entity_id, back.transaction_id AS trigger_id,
  {'first_value': arg_max(away.value, away.tick), 'second_account': arg_max(away.payee, away.tick), 'third_account': arg_max(back.payer, away.tick), 'value': any_value(back.value), 'evidence': [arg_max(away.transaction_id, away.tick), arg_max(onward.transaction_id, onward.tick)]} AS observed
FROM counted back
JOIN counted away ON away.payer = back.payee AND away.tick < back.tick AND away.tick > back.tick - $ticks(window_hours)
JOIN counted onward ON onward.payer = away.payee AND onward.payee = back.payer AND onward.tick > away.tick AND onward.tick < back.tick
WHERE back.is_trigger AND back.sent < $busy AND back.received < $busy AND away.sent < $busy AND onward.received < $busy AND away.payee <> back.payer
  AND onward.value BETWEEN $keep * away.value AND $most * away.value AND back.value BETWEEN $keep * onward.value AND $most * onward.value
GROUP BY back.payee, back.transaction_id
