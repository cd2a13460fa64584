-- model: subscriptions
-- description: Subscriptions of each customer: cadence, price and its last change, next date, and whether it was missed.
-- grain: customer x merchant x currency
-- key: customer_id, merchant_id, currency
-- inputs: gold.subscription_payments, gold.dim_merchants, gold.as_of
-- refresh: view
-- ties to: occurrences are posted purchases of fct_transactions
-- column customer_id BIGINT: customer
-- column merchant_id BIGINT: merchant
-- column merchant VARCHAR: its name now
-- column currency VARCHAR: ISO 4217 code
-- column cadence VARCHAR: weekly, biweekly, semi-monthly, monthly or annual
-- column status VARCHAR: EARLY until 3 payments (2 when annual), MATURE then, TOMBSTONED once the next one is overdue by more than a quarter of the cadence
-- column amount DECIMAL(20,4): amount of the last payment
-- column previous_amount DECIMAL(20,4): amount of the one before
-- column amount_changed BOOLEAN: whether they differ
-- column first_date DATE: first payment of the run
-- column last_date DATE: last payment
-- column next_date DATE: when the next one is expected
-- column occurrences BIGINT: payments of the run
SELECT
  p.customer_id, p.merchant_id, m.name AS merchant, p.currency, p.cadence,
  CASE
    WHEN n.day > p.next_date + CAST((p.next_date - p.last_date) // 4 AS INTEGER) THEN 'TOMBSTONED'
    WHEN p.occurrences >= CASE p.cadence WHEN 'annual' THEN 2 ELSE 3 END THEN 'MATURE'
    ELSE 'EARLY'
  END AS status,
  p.amount, p.previous_amount, p.amount <> p.previous_amount AS amount_changed, p.first_date, p.last_date, p.next_date, p.occurrences
FROM gold.subscription_payments AS p
LEFT JOIN gold.dim_merchants AS m ON m.merchant_id = p.merchant_id AND m.is_current
CROSS JOIN gold.as_of AS n
