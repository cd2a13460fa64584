-- model: customer_days
-- description: Days on which a customer did something: customer-initiated posted movements (deposits, withdrawals, purchases, transfers, investments, exchanges).
-- grain: customer x UTC day of event_ts
-- key: customer_id, day
-- inputs: gold.fct_transactions
-- refresh: sums
-- sums: movements, deposits
-- order: customer_id, day
-- ties to: movements = customer-initiated posted transactions (check customer_days_complete)
-- column customer_id BIGINT: customer
-- column day DATE: UTC day of event_ts
-- column movements BIGINT: movements of the day
-- column deposits BIGINT: deposits among them
SELECT customer_id, event_day AS day, count(*) AS movements, count(*) FILTER (type = 'DEPOSIT') AS deposits
FROM gold.fct_transactions
WHERE status = 'posted' AND type IN ('DEPOSIT', 'WITHDRAWAL', 'PURCHASE', 'TRANSFER', 'INVEST', 'FX')
GROUP BY ALL
