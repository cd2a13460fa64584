-- model: fee_revenue
-- description: Movement of the fee income accounts by month.
-- grain: month x fee income account x currency
-- key: month, account_id, currency
-- inputs: gold.daily_account_balances, gold.account_attributes
-- refresh: view
-- ties to: amount = movement of the fee income accounts (check revenue_moves)
-- column month DATE: first day of the month of the postings
-- column account_id BIGINT: fee income account
-- column currency VARCHAR: ISO 4217 code
-- column amount DECIMAL(38,4): fees charged less fees returned
SELECT CAST(date_trunc('month', d.day) AS DATE) AS month, d.account_id, d.currency, sum(d.net) AS amount
FROM gold.daily_account_balances AS d
JOIN gold.account_attributes AS a ON a.account_id = d.account_id
WHERE a.account_type = 'house_fees'
GROUP BY ALL
