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
-- past customer_count_1h = count(*) of customer_id in hour_hours
-- past customer_sum_1h = sum(value) of customer_id in hour_hours
-- past customer_count_1d = count(*) of customer_id in day_days
-- past customer_sum_1d = sum(value) of customer_id in day_days
-- past customer_count_7d = count(*) of customer_id in week_days
-- past customer_sum_7d = sum(value) of customer_id in week_days
-- past customer_count_30d = count(*) of customer_id in month_days
-- past customer_sum_30d = sum(value) of customer_id in month_days
-- past merchant_count_1h = count(*) of merchant_id in hour_hours
-- past merchant_sum_1h = sum(value) of merchant_id in hour_hours
-- past merchant_count_1d = count(*) of merchant_id in day_days
-- past merchant_sum_1d = sum(value) of merchant_id in day_days
-- past merchant_count_7d = count(*) of merchant_id in week_days
-- past merchant_sum_7d = sum(value) of merchant_id in week_days
-- past merchant_count_30d = count(*) of merchant_id in month_days
-- past merchant_sum_30d = sum(value) of merchant_id in month_days
-- past device_count_1h = count(*) of device_id in hour_hours
-- past device_sum_1h = sum(value) of device_id in hour_hours
-- past device_count_1d = count(*) of device_id in day_days
-- past device_sum_1d = sum(value) of device_id in day_days
-- past device_count_7d = count(*) of device_id in week_days
-- past device_sum_7d = sum(value) of device_id in week_days
-- past device_count_30d = count(*) of device_id in month_days
-- past device_sum_30d = sum(value) of device_id in month_days
-- past customer_declined_1d = count(*) of customer_id in day_days where status = 'failed'
-- past last_at = max(moment) of customer_id in month_days
-- past last_at_merchant = max(moment) of customer_id, merchant_id in month_days
-- past kind_n = count(*) of customer_id, kind in month_days
-- past kind_sum = sum(logs) of customer_id, kind in month_days
-- past kind_squares = sum(logs * logs) of customer_id, kind in month_days
-- past category_n = count(*) of customer_id, category in month_days
-- past category_sum = sum(logs) of customer_id, category in month_days
-- past category_squares = sum(logs * logs) of customer_id, category in month_days
-- past with_device = count(*) of customer_id, device_id in known_days
-- past at_merchant = count(*) of customer_id, merchant_id in known_days
-- past in_country = count(*) of customer_id, country in known_days
-- past money_in_6h = sum(value) of account in six_hours where is_in
-- past money_out_6h = sum(value) of account in six_hours where NOT is_in
-- past last_in = max(moment) of account in month_days where is_in
-- past fan_in_1d = count(DISTINCT other) of account in day_days where is_in AND between_accounts
-- past fan_out_1d = count(DISTINCT other) of account in day_days where NOT is_in AND between_accounts
-- past fan_in_7d = count(DISTINCT other) of account in week_days where is_in AND between_accounts
-- past fan_out_7d = count(DISTINCT other) of account in week_days where NOT is_in AND between_accounts
-- past with_other = count(*) of account, other in known_days
-- past paid_by_other = count(*) of account, other in circle_hours where is_in AND between_accounts
-- past paid_to_other = count(*) of account, other in circle_hours where NOT is_in AND between_accounts
-- past merchant_frauds = count(*) of label_merchant in risk_days
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
WITH edges AS (
  SELECT *, count(*) OVER (PARTITION BY payer ORDER BY tick $before(circle_hours)) AS sent, count(*) OVER (PARTITION BY payee ORDER BY tick $before(circle_hours)) AS received
  FROM (SELECT transaction_id, tick, tie, is_trigger, CASE WHEN is_in THEN other ELSE account END AS payer, CASE WHEN is_in THEN account ELSE other END AS payee FROM fraud_legs WHERE is_own AND between_accounts AND account <> other)
), circles AS (
  SELECT back.transaction_id, count(*) AS cycle_3 FROM edges back
  JOIN edges away ON away.payer = back.payee AND away.tick < back.tick AND away.tick > back.tick - $ticks(circle_hours)
  JOIN edges onward ON onward.payer = away.payee AND onward.payee = back.payer AND onward.tick > away.tick AND onward.tick < back.tick
  WHERE back.is_trigger AND away.payee <> back.payer AND back.sent < $busy AND back.received < $busy AND away.sent < $busy AND onward.received < $busy
  GROUP BY back.transaction_id
), judged AS (
  SELECT *, kind_squares - kind_sum * kind_sum / nullif(kind_n, 0) AS kind_spread, category_squares - category_sum * category_sum / nullif(category_n, 0) AS category_spread FROM fraud_pasts
)
SELECT o.*, hour(event_ts) AS hour, hour(event_ts) < 6 AS is_night, isodow(event_ts) >= 6 AS is_weekend,
  (moment - last_at) // $ticks_a_second AS seconds_since_last, (moment - last_at_merchant) // $ticks_a_second AS seconds_since_merchant,
  CASE WHEN kind_n >= 10 THEN round((logs - kind_sum / kind_n) / greatest(sqrt(greatest(kind_spread, 0) / (kind_n - 1)), 50), 3) END AS amount_z,
  CASE WHEN category_n >= 10 THEN round((logs - category_sum / category_n) / greatest(sqrt(greatest(category_spread, 0) / (category_n - 1)), 50), 3) END AS category_z,
  device_id IS NOT NULL AND with_device = 0 AS is_new_device, merchant_id IS NOT NULL AND at_merchant = 0 AS is_new_merchant, country IS NOT NULL AND in_country = 0 AS is_new_country,
  account IS NOT NULL AND between_accounts AND with_other = 0 AS is_new_counterparty,
  round((merchant_frauds + 0.1) / (greatest(merchant_count_30d, merchant_frauds) + 100), 6) AS merchant_risk,
  (moment - last_in) // $ticks_a_second AS dwell_seconds,
  CASE WHEN account IS NULL OR NOT between_accounts OR account = other THEN 0 WHEN is_in THEN paid_to_other ELSE paid_by_other END AS cycle_2,
  coalesce(c.cycle_3, 0) AS cycle_3
FROM judged o LEFT JOIN circles c ON c.transaction_id = o.transaction_id
