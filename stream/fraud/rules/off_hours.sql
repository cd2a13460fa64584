-- rule: off_hours
-- version: 2
-- status: active
-- severity: medium
-- score: 20
-- entity: customer
-- needs: customer_id
-- windows: history_days
-- when: kind = 'purchase' AND value >= $min_value
-- screen: ($min_count < 2 OR seconds_since_last <= $window_hours * 3600) AND lower(coalesce(channel, '')) NOT IN $present_channels
-- description: Several purchases at a time of day at which this customer hardly ever buys.
-- explanation: {count} purchases within {window_hours} hours around {hour} o'clock UTC, hours with {share} of {prior} purchases before (limit {max_share})
-- param window_hours integer = 3: within this time
-- param min_count integer = 2: purchases that are too many
-- param min_value number = 10: smaller purchases are left alone: subscriptions pay themselves
-- param present_channels list = card, wallet, atm, branch, pos, chip, swipe: channels left alone: who travels buys at other hours
-- param history_days integer = 60: history that tells when the customer buys
-- param min_prior integer = 30: purchases in that history without which nothing can be said
-- param max_share number = 0.02: share of the purchases in the hours around that is hardly ever
WITH bought AS (
  SELECT transaction_id, customer_id, is_trigger, tick, tie, hour(event_ts) AS hour,
    value >= $min_value AND lower(coalesce(channel, '')) NOT IN $present_channels AS counts
  FROM fraud_transactions
  WHERE customer_id IS NOT NULL AND direction = 'debit' AND kind = 'purchase' AND status <> 'failed'
), habits AS ( -- around: in this hour and those beside it, which one of three ways to cut the day into threes has together
  SELECT b.*, count(*) OVER (PARTITION BY customer_id ORDER BY tick $between(history_days, window_hours)) AS prior,
    CASE (hour + 2) % 3
      WHEN 0 THEN count(*) OVER (PARTITION BY customer_id, hour // 3 ORDER BY tick $between(history_days, window_hours))
      WHEN 1 THEN count(*) OVER (PARTITION BY customer_id, (hour + 23) % 24 // 3 ORDER BY tick $between(history_days, window_hours))
      ELSE count(*) OVER (PARTITION BY customer_id, (hour + 22) % 24 // 3 ORDER BY tick $between(history_days, window_hours)) END AS around
  FROM bought b
), strange AS (
  SELECT *, count(*) FILTER (counts AND around <= $max_share * prior) OVER w AS count,
    list(transaction_id) FILTER (counts AND around <= $max_share * prior) OVER w AS found
  FROM habits WINDOW w AS (PARTITION BY customer_id ORDER BY tick $until(window_hours))
)
SELECT customer_id AS entity_id, transaction_id AS trigger_id,
  {'count': count, 'hour': hour, 'share': round(around / prior, 4), 'prior': prior, 'evidence': list_filter(found, lambda x: x <> transaction_id)} AS observed
FROM strange WHERE is_trigger AND counts AND prior >= $min_prior AND around <= $max_share * prior AND count >= $min_count
