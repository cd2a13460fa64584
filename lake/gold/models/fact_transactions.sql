-- model: fact_transactions
-- description: Every transaction with its dimensions as they were when it was recorded.
-- grain: transaction
-- key: transaction_id
-- inputs: gold.fct_transactions, gold.dim_merchants, gold.dim_accounts_history, gold.dim_customers_history
-- refresh: view
-- published: no
-- ties to: one row per row of fct_transactions (check history_is_current)
-- column transaction_id BIGINT: the bank's number of the transaction
-- column event_ts TIMESTAMP: business time, UTC
-- column created_at TIMESTAMP: time the bank's server recorded it, UTC
-- column day DATE: UTC day of event_ts
-- column user_id BIGINT: customer
-- column account_id BIGINT: account it acts on
-- column type VARCHAR: transaction type
-- column status VARCHAR: pending, posted or failed
-- column direction VARCHAR: CREDIT or DEBIT of the account
-- column amount DECIMAL(20,4): positive amount
-- column signed_amount DECIMAL(20,4): amount as the account sees it, debits negative
-- column currency VARCHAR: ISO 4217 code
-- column channel VARCHAR: where it came from
-- column account_type VARCHAR: type of the account then
-- column account_status VARCHAR: status of the account then
-- column customer_name VARCHAR: name of the customer then
-- column merchant_id BIGINT: merchant
-- column merchant VARCHAR: normalised name of the merchant then
-- column category VARCHAR: category of the merchant then
-- column reference_id BIGINT: transaction it refers to
SELECT
  t.transaction_id, t.event_ts, t.created_at, t.event_day AS day, t.customer_id AS user_id, t.account_id, t.type, t.status, t.direction, t.amount,
  CASE t.direction WHEN 'CREDIT' THEN t.amount ELSE -t.amount END AS signed_amount, t.currency, t.channel,
  a.account_type, a.status AS account_status, trim(c.first_name || ' ' || c.last_name) AS customer_name,
  t.merchant_id, m.name_normalised AS merchant, m.category, coalesce(t.reversal_of, t.reference_id) AS reference_id
FROM gold.fct_transactions AS t
LEFT JOIN gold.dim_merchants AS m ON m.merchant_id = t.merchant_id AND (m.valid_from <= t.created_at OR m.is_first) AND (m.valid_to > t.created_at OR m.valid_to IS NULL)
LEFT JOIN gold.dim_accounts_history AS a ON a.account_id = t.account_id AND (a.valid_from <= t.created_at OR a.is_first) AND (a.valid_to > t.created_at OR a.valid_to IS NULL)
LEFT JOIN gold.dim_customers_history AS c ON c.customer_id = t.customer_id AND (c.valid_from <= t.created_at OR c.is_first) AND (c.valid_to > t.created_at OR c.valid_to IS NULL)
