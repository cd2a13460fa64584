-- rule: unusual_spree
-- version: 1
-- status: active
-- severity: high
-- score: 35
-- entity: customer
-- needs: customer_id
-- windows: history_days, window_hours
-- when: kind = 'purchase' AND direction = 'debit' AND status <> 'failed' AND value >= $min_value
-- screen: customer_count_1d >= $min_count - 1
-- description: Several purchases within a day, each of them far above nearly all that this customer buys.
-- explanation: {count} purchases in {window_hours} hours, this one {value}, each {over_usual} times as far over the median {median} as nine of ten purchases are ({usual}); limit {min_count}
-- param window_hours integer = 24: within this time
-- param history_days integer = 45: history that tells what is usual
-- param min_prior integer = 20: purchases in that history without which nothing can be said
-- param min_count integer = 3: such purchases that are too many
-- param min_value number = 100: smaller purchases are left alone
-- param over_usual number = 2: times the way from the median to the ninth of ten purchases that it is over the median
-- param min_times number = 3: times the median that it must be as well
SELECT customer_id AS entity_id, transaction_id AS trigger_id,
  {'count': count, 'value': value, 'median': round(middle, 2), 'usual': round(reach, 2), 'evidence': list_filter(found, lambda x: x <> transaction_id)} AS observed
FROM (
  SELECT *, count(*) FILTER (far) OVER w AS count, list(transaction_id) FILTER (far) OVER w AS found
  FROM (
    SELECT *, prior >= $min_prior AND value >= $min_value AND value >= $min_times * middle AND value - middle >= $over_usual * greatest(reach - middle, 0.1 * middle) AS far
    FROM (
      SELECT transaction_id, customer_id, is_trigger, value, tick, tie, count(*) OVER h AS prior, median(value) OVER h AS middle, quantile_cont(value, 0.9) OVER h AS reach
      FROM fraud_transactions
      WHERE customer_id IS NOT NULL AND kind = 'purchase' AND direction = 'debit' AND status <> 'failed'
      WINDOW h AS (PARTITION BY customer_id ORDER BY tick $before(history_days))
    )
  )
  WINDOW w AS (PARTITION BY customer_id ORDER BY tick $until(window_hours))
)
WHERE is_trigger AND far AND count >= $min_count
