-- model: financial_events
-- description: Every posted movement under the names of the event model: events are never changed, corrections are events that refer to them.
-- grain: posted transaction
-- key: event_id
-- inputs: gold.fct_transactions
-- refresh: view
-- published: no
-- ties to: one row per posted transaction of fct_transactions
-- column event_id BIGINT: the bank's number of the transaction
-- column event_ts TIMESTAMP: business time, UTC
-- column user_id BIGINT: customer
-- column account_id BIGINT: account it acts on
-- column event_type VARCHAR: DEPOSIT, PURCHASE, FEE, REFUND, INVEST, …
-- column direction VARCHAR: CREDIT or DEBIT of the account
-- column amount DECIMAL(20,4): positive amount
-- column currency VARCHAR: ISO 4217 code
-- column reference_id BIGINT: event it refers to (refunds, reversals, fees)
SELECT
  transaction_id AS event_id, event_ts, customer_id AS user_id, account_id, type AS event_type, direction, amount, currency,
  coalesce(reversal_of, reference_id) AS reference_id
FROM gold.fct_transactions
WHERE status = 'posted'
