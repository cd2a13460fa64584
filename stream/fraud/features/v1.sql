-- features: v1
-- version: 1
-- description: Counts, sums, habits and relations of a movement, each from what came before it.
-- param hour_hours integer = 1: short window
-- param day_days integer = 1: window of a day
-- param week_days integer = 7: window of a week
-- param month_days integer = 30: window of a month
-- param six_hours integer = 6: how long money rests that passes through
-- param circle_hours integer = 72: how long a circle takes
-- param known_days integer = 60: what was not seen for this time is new
-- param risk_days integer = 90: labels that tell the risk of a merchant
-- param busy integer = 50: transfers of an account in a circle's time beyond which it is a business
-- column value DECIMAL(18,2): size of the amount in dollars
-- column kind VARCHAR: purchase, transfer, cash_in, cash_out, refund, investment or system
-- column hour INTEGER: hour of the day, UTC
-- column is_night BOOLEAN: between midnight and six, UTC
-- column is_weekend BOOLEAN: Saturday or Sunday, UTC
-- column customer_count_1h BIGINT: movements of the same customer in the 1h before
-- column customer_sum_1h DECIMAL(38,2): their value
-- column customer_count_1d BIGINT: movements of the same customer in the 1d before
-- column customer_sum_1d DECIMAL(38,2): their value
-- column customer_count_7d BIGINT: movements of the same customer in the 7d before
-- column customer_sum_7d DECIMAL(38,2): their value
-- column customer_count_30d BIGINT: movements of the same customer in the 30d before
-- column customer_sum_30d DECIMAL(38,2): their value
-- column merchant_count_1h BIGINT: movements of the same merchant in the 1h before
-- column merchant_sum_1h DECIMAL(38,2): their value
-- column merchant_count_1d BIGINT: movements of the same merchant in the 1d before
-- column merchant_sum_1d DECIMAL(38,2): their value
-- column merchant_count_7d BIGINT: movements of the same merchant in the 7d before
-- column merchant_sum_7d DECIMAL(38,2): their value
-- column merchant_count_30d BIGINT: movements of the same merchant in the 30d before
-- column merchant_sum_30d DECIMAL(38,2): their value
-- column device_count_1h BIGINT: movements of the same device in the 1h before
-- column device_sum_1h DECIMAL(38,2): their value
-- column device_count_1d BIGINT: movements of the same device in the 1d before
-- column device_sum_1d DECIMAL(38,2): their value
-- column device_count_7d BIGINT: movements of the same device in the 7d before
-- column device_sum_7d DECIMAL(38,2): their value
-- column device_count_30d BIGINT: movements of the same device in the 30d before
-- column device_sum_30d DECIMAL(38,2): their value
-- column customer_declined_1d BIGINT: declined movements of the customer in the day before
-- column seconds_since_last BIGINT: since the customer's last movement within 30 days
-- column seconds_since_merchant BIGINT: since the customer's last movement at this merchant within 30 days
-- column amount_z DOUBLE: z-score of the logarithm of the value over the customer's of the same kind in 30 days; with 10 before
-- column category_z DOUBLE: the same over the customer's in the same merchant category
-- column is_new_device BOOLEAN: the customer has not used the device for 60 days
-- column is_new_merchant BOOLEAN: the customer has not been at the merchant for 60 days
-- column is_new_counterparty BOOLEAN: the account has had nothing to do with the other account for 60 days
-- column is_new_country BOOLEAN: the customer has not bought in the country for 60 days
-- column merchant_frauds BIGINT: confirmed frauds at the merchant, of which it was known within the 90 days before
-- column merchant_risk DOUBLE: their share of the merchant's movements in 30 days, drawn towards 1 in 1000
-- column money_in_6h DECIMAL(38,2): transfers and cash into the account in the 6 hours before
-- column money_out_6h DECIMAL(38,2): out of it
-- column dwell_seconds BIGINT: since money last came into the account within 30 days
-- column fan_in_1d BIGINT: accounts that paid this account in the day before
-- column fan_out_1d BIGINT: accounts that this account paid in the day before
-- column fan_in_7d BIGINT: in 7 days
-- column fan_out_7d BIGINT: in 7 days
-- column cycle_2 BIGINT: transfers back from the payee to the payer in the 72 hours before
-- column cycle_3 BIGINT: ways of money in 72 hours from the payee over another account to the payer, which this movement closes
WITH own AS (
  SELECT transaction_id, account_id, counter_account_id, direction, kind, value, tick, is_trigger,
    hour(event_ts) AS hour, hour(event_ts) < 6 AS is_night, isodow(event_ts) >= 6 AS is_weekend,
    CASE WHEN customer_id IS NULL THEN 0 ELSE count(*) OVER customer_1h END AS customer_count_1h, CASE WHEN customer_id IS NULL THEN 0 ELSE coalesce(sum(value) OVER customer_1h, 0) END AS customer_sum_1h,
    CASE WHEN customer_id IS NULL THEN 0 ELSE count(*) OVER customer_1d END AS customer_count_1d, CASE WHEN customer_id IS NULL THEN 0 ELSE coalesce(sum(value) OVER customer_1d, 0) END AS customer_sum_1d,
    CASE WHEN customer_id IS NULL THEN 0 ELSE count(*) OVER customer_7d END AS customer_count_7d, CASE WHEN customer_id IS NULL THEN 0 ELSE coalesce(sum(value) OVER customer_7d, 0) END AS customer_sum_7d,
    CASE WHEN customer_id IS NULL THEN 0 ELSE count(*) OVER customer_30d END AS customer_count_30d, CASE WHEN customer_id IS NULL THEN 0 ELSE coalesce(sum(value) OVER customer_30d, 0) END AS customer_sum_30d,
    CASE WHEN merchant_id IS NULL THEN 0 ELSE count(*) OVER merchant_1h END AS merchant_count_1h, CASE WHEN merchant_id IS NULL THEN 0 ELSE coalesce(sum(value) OVER merchant_1h, 0) END AS merchant_sum_1h,
    CASE WHEN merchant_id IS NULL THEN 0 ELSE count(*) OVER merchant_1d END AS merchant_count_1d, CASE WHEN merchant_id IS NULL THEN 0 ELSE coalesce(sum(value) OVER merchant_1d, 0) END AS merchant_sum_1d,
    CASE WHEN merchant_id IS NULL THEN 0 ELSE count(*) OVER merchant_7d END AS merchant_count_7d, CASE WHEN merchant_id IS NULL THEN 0 ELSE coalesce(sum(value) OVER merchant_7d, 0) END AS merchant_sum_7d,
    CASE WHEN merchant_id IS NULL THEN 0 ELSE count(*) OVER merchant_30d END AS merchant_count_30d, CASE WHEN merchant_id IS NULL THEN 0 ELSE coalesce(sum(value) OVER merchant_30d, 0) END AS merchant_sum_30d,
    CASE WHEN device_id IS NULL THEN 0 ELSE count(*) OVER device_1h END AS device_count_1h, CASE WHEN device_id IS NULL THEN 0 ELSE coalesce(sum(value) OVER device_1h, 0) END AS device_sum_1h,
    CASE WHEN device_id IS NULL THEN 0 ELSE count(*) OVER device_1d END AS device_count_1d, CASE WHEN device_id IS NULL THEN 0 ELSE coalesce(sum(value) OVER device_1d, 0) END AS device_sum_1d,
    CASE WHEN device_id IS NULL THEN 0 ELSE count(*) OVER device_7d END AS device_count_7d, CASE WHEN device_id IS NULL THEN 0 ELSE coalesce(sum(value) OVER device_7d, 0) END AS device_sum_7d,
    CASE WHEN device_id IS NULL THEN 0 ELSE count(*) OVER device_30d END AS device_count_30d, CASE WHEN device_id IS NULL THEN 0 ELSE coalesce(sum(value) OVER device_30d, 0) END AS device_sum_30d,
    count(*) FILTER (status = 'failed') OVER customer_1d AS customer_declined_1d,
    (tick - lag(tick) OVER (PARTITION BY customer_id ORDER BY tick)) // $ticks_a_second AS since_last,
    (tick - lag(tick) OVER (PARTITION BY customer_id, merchant_id ORDER BY tick)) // $ticks_a_second AS since_merchant,
    count(*) OVER same_kind AS kind_n, sum(logs) OVER same_kind AS kind_sum, sum(logs * logs) OVER same_kind AS kind_squares,
    count(*) OVER same_category AS category_n, sum(logs) OVER same_category AS category_sum, sum(logs * logs) OVER same_category AS category_squares, logs,
    device_id IS NOT NULL AND count(*) OVER (PARTITION BY customer_id, device_id ORDER BY tick $before(known_days)) = 0 AS is_new_device,
    merchant_id IS NOT NULL AND count(*) OVER (PARTITION BY customer_id, merchant_id ORDER BY tick $before(known_days)) = 0 AS is_new_merchant,
    country IS NOT NULL AND count(*) OVER (PARTITION BY customer_id, country ORDER BY tick $before(known_days)) = 0 AS is_new_country
  FROM (SELECT *, CAST(round(ln(1 + CAST(value AS DOUBLE)) * 1000) AS BIGINT) AS logs FROM fraud_transactions)
  WINDOW customer_1h AS (PARTITION BY customer_id ORDER BY tick $before(hour_hours)),
    customer_1d AS (PARTITION BY customer_id ORDER BY tick $before(day_days)),
    customer_7d AS (PARTITION BY customer_id ORDER BY tick $before(week_days)),
    customer_30d AS (PARTITION BY customer_id ORDER BY tick $before(month_days)),
    merchant_1h AS (PARTITION BY merchant_id ORDER BY tick $before(hour_hours)),
    merchant_1d AS (PARTITION BY merchant_id ORDER BY tick $before(day_days)),
    merchant_7d AS (PARTITION BY merchant_id ORDER BY tick $before(week_days)),
    merchant_30d AS (PARTITION BY merchant_id ORDER BY tick $before(month_days)),
    device_1h AS (PARTITION BY device_id ORDER BY tick $before(hour_hours)),
    device_1d AS (PARTITION BY device_id ORDER BY tick $before(day_days)),
    device_7d AS (PARTITION BY device_id ORDER BY tick $before(week_days)),
    device_30d AS (PARTITION BY device_id ORDER BY tick $before(month_days)),
    same_kind AS (PARTITION BY customer_id, kind ORDER BY tick $before(month_days)),
    same_category AS (PARTITION BY customer_id, category ORDER BY tick $before(month_days))
), risk AS (
  SELECT transaction_id, count(*) FILTER (is_label) OVER (PARTITION BY merchant_id ORDER BY tick $before(risk_days)) AS merchant_frauds
  FROM (
    SELECT transaction_id, merchant_id, tick, tie, false AS is_label FROM fraud_transactions WHERE merchant_id IS NOT NULL
    UNION ALL SELECT NULL, merchant_id, tick, tie, true FROM fraud_labels
  )
), legs AS (
  SELECT account_id AS account, counter_account_id AS other, transaction_id, tick, tie, is_trigger, true AS is_own, direction = 'credit' AS is_in, value, kind = 'transfer' AND counter_account_id IS NOT NULL AS between_accounts
  FROM fraud_transactions WHERE status <> 'failed' AND kind IN ('transfer', 'cash_in', 'cash_out')
  UNION ALL
  SELECT counter_account_id, account_id, transaction_id, tick, tie, is_trigger, false, direction <> 'credit', value, true
  FROM fraud_transactions WHERE status <> 'failed' AND kind = 'transfer' AND counter_account_id IS NOT NULL
), flows AS (
  SELECT transaction_id, is_own,
    coalesce(sum(value) FILTER (is_in) OVER six, 0) AS money_in_6h, coalesce(sum(value) FILTER (NOT is_in) OVER six, 0) AS money_out_6h,
    (tick - max(tick) FILTER (is_in) OVER month) // $ticks_a_second AS dwell,
    count(DISTINCT CASE WHEN is_in AND between_accounts THEN other END) OVER day AS fan_in_1d, count(DISTINCT CASE WHEN NOT is_in AND between_accounts THEN other END) OVER day AS fan_out_1d,
    count(DISTINCT CASE WHEN is_in AND between_accounts THEN other END) OVER week AS fan_in_7d, count(DISTINCT CASE WHEN NOT is_in AND between_accounts THEN other END) OVER week AS fan_out_7d,
    between_accounts AND count(*) OVER (PARTITION BY account, other ORDER BY tick $before(known_days)) = 0 AS is_new_counterparty
  FROM legs
  WINDOW six AS (PARTITION BY account ORDER BY tick $before(six_hours)), day AS (PARTITION BY account ORDER BY tick $before(day_days)),
    week AS (PARTITION BY account ORDER BY tick $before(week_days)), month AS (PARTITION BY account ORDER BY tick $before(month_days))
), edges AS (
  SELECT *, count(*) OVER (PARTITION BY payer ORDER BY tick $before(circle_hours)) AS sent, count(*) OVER (PARTITION BY payee ORDER BY tick $before(circle_hours)) AS received
  FROM (SELECT transaction_id, tick, tie, is_trigger, CASE WHEN is_in THEN other ELSE account END AS payer, CASE WHEN is_in THEN account ELSE other END AS payee FROM legs WHERE is_own AND between_accounts AND account <> other)
), circles AS (
  SELECT back.transaction_id, count(*) AS cycle_3 FROM edges back
  JOIN edges away ON away.payer = back.payee AND away.tick < back.tick AND away.tick > back.tick - $ticks(circle_hours)
  JOIN edges onward ON onward.payer = away.payee AND onward.payee = back.payer AND onward.tick > away.tick AND onward.tick < back.tick
  WHERE back.is_trigger AND away.payee <> back.payer AND back.sent < $busy AND back.received < $busy AND away.sent < $busy AND onward.received < $busy
  GROUP BY back.transaction_id
), returns AS (
  SELECT transaction_id, CASE WHEN payer < payee THEN down ELSE up END AS cycle_2
  FROM (SELECT transaction_id, payer, payee, count(*) FILTER (payer < payee) OVER pair AS up, count(*) FILTER (payer > payee) OVER pair AS down FROM edges
    WINDOW pair AS (PARTITION BY least(payer, payee), greatest(payer, payee) ORDER BY tick $before(circle_hours)))
), judged AS (
  SELECT *, kind_squares - kind_sum * kind_sum / nullif(kind_n, 0) AS kind_spread, category_squares - category_sum * category_sum / nullif(category_n, 0) AS category_spread FROM own WHERE is_trigger
)
SELECT o.transaction_id, o.value, o.kind, o.hour, o.is_night, o.is_weekend,
  o.customer_count_1h, o.customer_sum_1h,
  o.customer_count_1d, o.customer_sum_1d,
  o.customer_count_7d, o.customer_sum_7d,
  o.customer_count_30d, o.customer_sum_30d,
  o.merchant_count_1h, o.merchant_sum_1h,
  o.merchant_count_1d, o.merchant_sum_1d,
  o.merchant_count_7d, o.merchant_sum_7d,
  o.merchant_count_30d, o.merchant_sum_30d,
  o.device_count_1h, o.device_sum_1h,
  o.device_count_1d, o.device_sum_1d,
  o.device_count_7d, o.device_sum_7d,
  o.device_count_30d, o.device_sum_30d,
  o.customer_declined_1d,
  CASE WHEN o.customer_count_30d > 0 THEN o.since_last END AS seconds_since_last,
  CASE WHEN o.since_merchant <= 2592000 THEN o.since_merchant END AS seconds_since_merchant,
  CASE WHEN o.kind_n >= 10 THEN round((o.logs - o.kind_sum / o.kind_n) / greatest(sqrt(greatest(o.kind_spread, 0) / (o.kind_n - 1)), 50), 3) END AS amount_z,
  CASE WHEN o.category_n >= 10 THEN round((o.logs - o.category_sum / o.category_n) / greatest(sqrt(greatest(o.category_spread, 0) / (o.category_n - 1)), 50), 3) END AS category_z,
  o.is_new_device, o.is_new_merchant, coalesce(f.is_new_counterparty, false) AS is_new_counterparty, o.is_new_country,
  coalesce(r.merchant_frauds, 0) AS merchant_frauds,
  round((coalesce(r.merchant_frauds, 0) + 0.1) / (greatest(o.merchant_count_30d, coalesce(r.merchant_frauds, 0)) + 100), 6) AS merchant_risk,
  coalesce(f.money_in_6h, 0) AS money_in_6h, coalesce(f.money_out_6h, 0) AS money_out_6h, f.dwell AS dwell_seconds,
  coalesce(f.fan_in_1d, 0) AS fan_in_1d, coalesce(f.fan_out_1d, 0) AS fan_out_1d, coalesce(f.fan_in_7d, 0) AS fan_in_7d, coalesce(f.fan_out_7d, 0) AS fan_out_7d,
  coalesce(b.cycle_2, 0) AS cycle_2, coalesce(c.cycle_3, 0) AS cycle_3
FROM judged o
LEFT JOIN risk r ON r.transaction_id = o.transaction_id
LEFT JOIN flows f ON f.transaction_id = o.transaction_id AND f.is_own
LEFT JOIN returns b ON b.transaction_id = o.transaction_id
LEFT JOIN circles c ON c.transaction_id = o.transaction_id
