-- rule: round_amounts
-- version: 1
-- status: active
-- severity: medium
-- score: 20
-- entity: account
-- needs: account_id
-- windows: window_hours
-- when: kind = 'transfer' AND amount % $unit = 0
-- evidence: e.account_id = t.account_id AND e.direction = 'debit' AND e.status <> 'failed' AND e.kind = 'transfer' AND e.value >= $min_value AND e.amount % $unit = 0 AND e.customer_id IS DISTINCT FROM e.counter_customer_id AND $within(window_hours)
-- screen: customer_count_1d >= $min_count - 1
-- description: Several transfers of whole hundreds within a day: amounts of somebody who moves money, not of somebody who pays.
-- explanation: {count} transfers of whole {unit} in {window_hours} hours, {total} together (limit {min_count})
-- param window_hours integer = 24: within this time
-- param unit integer = 100: amounts that it divides are round
-- param min_value number = 100: smaller transfers are left alone
-- param min_count integer = 4: round transfers that are too many
-- param min_share number = 0.8: share of the transfers in the window that are round
SELECT account_id AS entity_id, transaction_id AS trigger_id, {'count': rounded, 'total': total} AS observed
FROM (
  SELECT *, count(*) FILTER (is_round) OVER w AS rounded, count(*) OVER w AS transfers, sum(value) FILTER (is_round) OVER w AS total
  FROM (
    SELECT transaction_id, account_id, is_trigger, tick, tie, value, amount % $unit = 0 AS is_round FROM fraud_transactions
    WHERE direction = 'debit' AND status <> 'failed' AND kind = 'transfer' AND value >= $min_value AND customer_id IS DISTINCT FROM counter_customer_id
  )
  WINDOW w AS (PARTITION BY account_id ORDER BY tick $until(window_hours))
)
WHERE is_trigger AND is_round AND rounded >= $min_count AND rounded >= $min_share * transfers
