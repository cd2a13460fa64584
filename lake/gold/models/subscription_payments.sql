-- model: subscription_payments
-- description: Regular payments found in purchases: the same merchant, a similar amount, a regular cadence, as far back from the last one as both hold.
-- grain: customer x merchant x currency
-- key: customer_id, merchant_id, currency
-- inputs: gold.fct_transactions
-- refresh: turn
-- groups: customer_id of fct_transactions
-- published: no
-- ties to: occurrences are posted purchases of fct_transactions
-- column customer_id BIGINT: customer
-- column merchant_id BIGINT: merchant
-- column currency VARCHAR: ISO 4217 code
-- column cadence VARCHAR: weekly, biweekly, semi-monthly, monthly or annual
-- column amount DECIMAL(20,4): amount of the last payment
-- column previous_amount DECIMAL(20,4): amount of the one before
-- column first_date DATE: first payment of the run
-- column last_date DATE: last payment
-- column next_date DATE: when the next one is expected
-- column occurrences BIGINT: payments of the run
-- note: gaps of 6-8, 13-15, 15-16 (on two days of the month), 27-33 and 358-372 days are cadences; an amount is similar within a quarter of the one before.
WITH payments AS (
  SELECT customer_id, merchant_id, currency, event_day AS day, sum(amount) AS amount
  FROM gold.fct_transactions
  WHERE type = 'PURCHASE' AND status = 'posted' AND merchant_id IS NOT NULL
  GROUP BY customer_id, merchant_id, currency, event_day
),
gaps AS (
  SELECT *, day - lag(day) OVER byday AS gap, lag(amount) OVER byday AS before, row_number() OVER (PARTITION BY customer_id, merchant_id, currency ORDER BY day DESC) AS back,
    day(day) AS day_of_month, day(lag(day, 2) OVER byday) AS day_two_before
  FROM payments
  WINDOW byday AS (PARTITION BY customer_id, merchant_id, currency ORDER BY day)
),
steps AS (
  SELECT *,
    CASE
      WHEN before IS NULL OR abs(amount - before) * 4 > before THEN NULL
      WHEN gap BETWEEN 6 AND 8 THEN 'weekly'
      WHEN gap BETWEEN 13 AND 17 AND abs(day_of_month - day_two_before) <= 1 THEN 'semi-monthly'
      WHEN gap BETWEEN 13 AND 15 THEN 'biweekly'
      WHEN gap BETWEEN 27 AND 33 THEN 'monthly'
      WHEN gap BETWEEN 358 AND 372 THEN 'annual'
    END AS step
  FROM gaps
),
lasting AS (
  SELECT customer_id, merchant_id, currency, any_value(step) FILTER (back = 1) AS last_step, max(day) AS last_date, arg_max(amount, day) AS amount,
    any_value(before) FILTER (back = 1) AS previous_amount, list({back: back, day: day, step: step} ORDER BY back) AS steps
  FROM steps
  GROUP BY customer_id, merchant_id, currency
),
runs AS (
  SELECT *, coalesce(list_position(list_transform(steps, lambda s: s.step IS NOT DISTINCT FROM last_step
    OR (last_step = 'semi-monthly' AND s.step IN ('biweekly', 'semi-monthly'))), false), len(steps)) AS occurrences
  FROM lasting
  WHERE last_step IS NOT NULL
)
SELECT customer_id, merchant_id, currency, last_step AS cadence, amount, previous_amount, steps[occurrences].day AS first_date, last_date,
  CAST(CASE last_step WHEN 'weekly' THEN last_date + 7 WHEN 'biweekly' THEN last_date + 14 WHEN 'semi-monthly' THEN last_date + 15
    WHEN 'monthly' THEN last_date + INTERVAL 1 MONTH ELSE last_date + INTERVAL 1 YEAR END AS DATE) AS next_date,
  occurrences
FROM runs
