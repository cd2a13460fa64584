-- model: merchant_performance
-- description: How each merchant did on each day: attempts, success, value, returns, customers.
-- grain: UTC day of event_ts x merchant x currency
-- key: day, merchant_id, currency
-- inputs: gold.merchant_days, gold.merchant_customers
-- refresh: view
-- ties to: attempts = purchases of fct_transactions with a merchant (check merchant_days_complete)
-- column day DATE: UTC day
-- column merchant_id BIGINT: merchant
-- column currency VARCHAR: ISO 4217 code
-- column attempts BIGINT: purchases of any status
-- column posted BIGINT: posted ones
-- column failed BIGINT: failed ones
-- column success_rate DOUBLE: posted / (posted + failed); NULL while all are pending
-- column amount DECIMAL(38,4): sum of posted purchases
-- column average_ticket DECIMAL(38,4): amount / posted, rounded down to four digits
-- column refunds DECIMAL(38,4): sum of refunds, reversals of purchases and chargebacks on the day
-- column refund_ratio DOUBLE: refunds / amount
-- column unique_customers BIGINT: customers with a posted purchase, as of the last turn (ops.gold_turns)
-- column new_customers BIGINT: those without one on an earlier day, as of the last turn
-- column returning_customers BIGINT: the others, as of the last turn
SELECT
  m.day, m.merchant_id, m.currency, m.attempts, m.posted, m.failed, m.posted / nullif(m.posted + m.failed, 0) AS success_rate, m.amount,
  CAST(CAST(m.amount * 10000 AS HUGEINT) // nullif(m.posted, 0) AS DECIMAL(33, 0)) * CAST(0.0001 AS DECIMAL(5, 4)) AS average_ticket,
  m.refunds, m.refunds / nullif(m.amount, 0) AS refund_ratio,
  coalesce(c.unique_customers, 0) AS unique_customers, coalesce(c.new_customers, 0) AS new_customers, coalesce(c.returning_customers, 0) AS returning_customers
FROM gold.merchant_days AS m
LEFT JOIN gold.merchant_customers AS c ON c.day = m.day AND c.merchant_id = m.merchant_id AND c.currency = m.currency
