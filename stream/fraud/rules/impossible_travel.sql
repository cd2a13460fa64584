-- rule: impossible_travel
-- version: 2
-- status: active
-- severity: high
-- score: 45
-- entity: customer
-- needs: customer_id, latitude, longitude
-- windows: habit_days, window_hours
-- when: latitude IS NOT NULL AND kind IN ('purchase', 'cash_out')
-- screen: customer_count_1d >= 1 AND lower(coalesce(channel, '')) NOT IN $remote_channels
-- description: Two purchases in person at places so far apart that nobody travels between them in that time, by somebody whose purchases tell where one is.
-- explanation: {km} km in {minutes} minutes is {kmh} km/h (limit {max_kmh}); of {prior} purchases in person before, {strange} were as strange
-- param max_kmh number = 900: speed of an airliner
-- param min_km number = 300: nearer places are left alone: coordinates of shops are rough
-- param window_hours integer = 24: a purchase longer ago says nothing
-- param habit_days integer = 30: history that tells whether places mean anything
-- param min_prior integer = 3: purchases in person in that history without which nothing can be said
-- param max_strange number = 0.05: share of them that may have been as far apart: of a shop's place that is not where the customer is, such as that of a chain's head office, nothing follows
-- param remote_channels list = online, web, api, mobile, app, ecommerce, system: channels that need nobody to be there
WITH here AS (
  SELECT transaction_id, customer_id, is_trigger, tick, tie, event_ts, radians(latitude) AS lat, radians(longitude) AS lon
  FROM fraud_transactions
  WHERE customer_id IS NOT NULL AND latitude IS NOT NULL AND longitude IS NOT NULL AND direction = 'debit'
    AND kind IN ('purchase', 'cash_out') AND lower(coalesce(channel, '')) NOT IN $remote_channels
), hops AS (
  SELECT *, lag(transaction_id) OVER w AS before_id, lag(tick) OVER w AS before_tick, lag(event_ts) OVER w AS before_ts, lag(lat) OVER w AS before_lat, lag(lon) OVER w AS before_lon
  FROM here WINDOW w AS (PARTITION BY customer_id ORDER BY tick)
), speeds AS (
  SELECT *, 12742 * asin(sqrt(pow(sin((lat - before_lat) / 2), 2) + cos(lat) * cos(before_lat) * pow(sin((lon - before_lon) / 2), 2))) AS km,
    greatest(epoch(event_ts - before_ts), 1) / 3600 AS hours
  FROM hops
), judged AS (
  SELECT *, coalesce(before_tick > tick - $ticks(window_hours) AND km >= $min_km AND km / hours > $max_kmh, false) AS impossible FROM speeds
), habits AS (
  SELECT *, count(*) OVER before AS prior, count(*) FILTER (impossible) OVER before AS strange
  FROM judged WINDOW before AS (PARTITION BY customer_id ORDER BY tick $before(habit_days))
)
SELECT customer_id AS entity_id, transaction_id AS trigger_id,
  {'km': CAST(km AS BIGINT), 'minutes': CAST(hours * 60 AS BIGINT), 'kmh': CAST(km / hours AS BIGINT), 'prior': prior, 'strange': strange, 'evidence': [before_id]} AS observed
FROM habits WHERE is_trigger AND impossible AND prior >= $min_prior AND strange <= $max_strange * prior
