-- model: budget_limits
-- description: The limits that customers have set, as they are now.
-- grain: customer x month x category x currency
-- key: budget_id
-- inputs: silver.budgets(budget_id)
-- refresh: rows
-- ties to: one row per row of silver.budgets
-- column budget_id BIGINT: the bank's number of the budget
-- column customer_id BIGINT: customer
-- column month DATE: first day of the month it is for
-- column category VARCHAR: merchant category it limits
-- column currency VARCHAR: ISO 4217 code
-- column limit_amount DECIMAL(20,4): what the customer wants to spend at most
SELECT budget_id, customer_id, CAST(month || '-01' AS DATE) AS month, category, currency, limit_amount
FROM silver.budgets
