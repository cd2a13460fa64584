-- rule: amount_over_history
-- version: 2
-- status: active
-- severity: medium
-- score: 25
-- entity: customer
-- needs: customer_id
-- windows: history_days, history_days
-- when: direction = 'debit' AND status <> 'failed' AND kind IN ('purchase', 'transfer', 'cash_out') AND value >= $min_value
-- prior: customer_id = t._customer_id in history_days having count(*) FILTER (WHERE h.direction = 'debit' AND h.status <> 'failed' AND h.kind IN ('purchase', 'transfer', 'cash_out') AND coalesce(h.category, h.kind) = coalesce(t.category, t.kind)) >= $min_prior AND any_value(t.value) >= $min_times * median(h.value) FILTER (WHERE h.direction = 'debit' AND h.status <> 'failed' AND h.kind IN ('purchase', 'transfer', 'cash_out') AND coalesce(h.category, h.kind) = coalesce(t.category, t.kind)) AND any_value(t.value) - median(h.value) FILTER (WHERE h.direction = 'debit' AND h.status <> 'failed' AND h.kind IN ('purchase', 'transfer', 'cash_out') AND coalesce(h.category, h.kind) = coalesce(t.category, t.kind)) >= $over_usual * (quantile_cont(h.value, 0.9) FILTER (WHERE h.direction = 'debit' AND h.status <> 'failed' AND h.kind IN ('purchase', 'transfer', 'cash_out') AND coalesce(h.category, h.kind) = coalesce(t.category, t.kind)) - median(h.value) FILTER (WHERE h.direction = 'debit' AND h.status <> 'failed' AND h.kind IN ('purchase', 'transfer', 'cash_out') AND coalesce(h.category, h.kind) = coalesce(t.category, t.kind)))
-- description: A payment far above what this customer pays for the same kind of thing: robust z-score over the median and the median deviation from it, and far beyond nine of ten payments.
-- explanation: {value} is {z} robust deviations over the median {median} of {prior} payments for {what} in {history_days} days (limit {min_z}); nine of ten are up to {usual}
-- param history_days integer = 45: history that it is compared with
-- param min_prior integer = 10: payments in that history without which nothing can be said
-- param min_z number = 5: robust z-score that is too high
-- param min_value number = 100: smaller payments are left alone
-- param min_times number = 3: times the median that it must be as well
-- param over_usual number = 4: times the way from the median to the ninth of ten payments that it must be over the median, among those of its kind and among all: the tails of some are long
SELECT customer_id AS entity_id, transaction_id AS trigger_id,
  {'value': value, 'z': round(z, 1), 'median': round(middle, 2), 'usual': round(reach, 2), 'prior': prior, 'what': what} AS observed
FROM (
  SELECT *, 0.6745 * (value - middle) / greatest(mad, 0.1 * middle, 0.01) AS z
  FROM (
    SELECT *, median(off) OVER (PARTITION BY customer_id, what ORDER BY tick $before(history_days)) AS mad
    FROM (
      SELECT *, abs(value - middle) AS off
      FROM (
        SELECT transaction_id, customer_id, is_trigger, value, tick, tie, coalesce(category, kind) AS what,
          median(value) OVER of_kind AS middle, quantile_cont(value, 0.9) OVER of_kind AS reach, count(*) OVER of_kind AS prior,
          median(value) OVER of_all AS middle_of_all, quantile_cont(value, 0.9) OVER of_all AS reach_of_all
        FROM fraud_transactions
        WHERE customer_id IS NOT NULL AND direction = 'debit' AND status <> 'failed' AND kind IN ('purchase', 'transfer', 'cash_out')
        WINDOW of_kind AS (PARTITION BY customer_id, coalesce(category, kind) ORDER BY tick $before(history_days)),
          of_all AS (PARTITION BY customer_id ORDER BY tick $before(history_days))
      )
    )
  )
)
WHERE is_trigger AND prior >= $min_prior AND value >= $min_value AND value >= $min_times * middle AND z >= $min_z
  AND value - middle >= $over_usual * (reach - middle) AND value - middle_of_all >= $over_usual * (reach_of_all - middle_of_all)
