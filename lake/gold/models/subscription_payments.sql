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
-- note: gaps of 6-8, 13-15, 15-16 (on two days of the month), 27-33 and 358-372 days are cadences; an amount is similar within a quarter of the one before. A run reaches back to the last payment that does not follow so from the one before it.
WITH payments AS (
  SELECT customer_id, merchant_id, currency, event_day AS day, sum(amount) AS amount
  FROM gold.fct_transactions
  WHERE type = 'PURCHASE' AND status = 'posted' AND merchant_id IS NOT NULL
  GROUP BY customer_id, merchant_id, currency, event_day
),
steps AS (
  SELECT
    customer_id, merchant_id, currency, day, amount, before, number, is_last,
    CASE
      WHEN before IS NULL OR abs(amount - before) * 4 > before THEN NULL
      WHEN gap BETWEEN 6 AND 8 THEN 'weekly'
      WHEN gap BETWEEN 13 AND 17 AND abs(day_of_month - day_two_before) <= 1 THEN 'semi-monthly'
      WHEN gap BETWEEN 13 AND 15 THEN 'biweekly'
      WHEN gap BETWEEN 27 AND 33 THEN 'monthly'
      WHEN gap BETWEEN 358 AND 372 THEN 'annual'
    END AS step
  FROM (
    SELECT *, row_number() OVER byday AS number, lead(day) OVER byday IS NULL AS is_last, day - lag(day) OVER byday AS gap, lag(amount) OVER byday AS before,
      day(day) AS day_of_month, day(lag(day, 2) OVER byday) AS day_two_before
    FROM payments
    WINDOW byday AS (PARTITION BY customer_id, merchant_id, currency ORDER BY day)
  )
),
lasting AS (SELECT customer_id, merchant_id, currency, step AS cadence, amount, before, day, number FROM steps WHERE is_last AND step IS NOT NULL),
breaks AS (
  SELECT l.customer_id, l.merchant_id, l.currency, max(s.day) AS day, max(s.number) AS number
  FROM lasting AS l
  JOIN steps AS s ON s.customer_id = l.customer_id AND s.merchant_id = l.merchant_id AND s.currency = l.currency
    AND (s.step IS NULL OR (s.step <> l.cadence AND NOT (l.cadence = 'semi-monthly' AND s.step = 'biweekly')))
  GROUP BY l.customer_id, l.merchant_id, l.currency
)
SELECT
  l.customer_id, l.merchant_id, l.currency, l.cadence, l.amount, l.before AS previous_amount, b.day AS first_date, l.day AS last_date,
  CAST(CASE l.cadence WHEN 'weekly' THEN l.day + 7 WHEN 'biweekly' THEN l.day + 14 WHEN 'semi-monthly' THEN l.day + 15
    WHEN 'monthly' THEN l.day + INTERVAL 1 MONTH ELSE l.day + INTERVAL 1 YEAR END AS DATE) AS next_date,
  l.number - b.number + 1 AS occurrences
FROM lasting AS l
JOIN breaks AS b ON b.customer_id = l.customer_id AND b.merchant_id = l.merchant_id AND b.currency = l.currency
