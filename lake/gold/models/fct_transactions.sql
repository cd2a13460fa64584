-- model: fct_transactions
-- description: Every transaction the bank has now, one row each, in whatever status it is.
-- grain: transaction
-- key: transaction_id
-- inputs: silver.transactions(transaction_id)
-- refresh: rows
-- ties to: count and sum(amount) = silver.transactions (check fct_transactions_complete)
-- column transaction_id BIGINT: the bank's number of the transaction
-- column account_id BIGINT: account the transaction acts on
-- column counter_account_id BIGINT: account on the other side, where there is one
-- column customer_id BIGINT: customer who owns the account
-- column merchant_id BIGINT: merchant of a purchase or refund
-- column type VARCHAR: DEPOSIT, WITHDRAWAL, PURCHASE, FEE, REFUND, TRANSFER, …
-- column status VARCHAR: pending, posted or failed; only posted ones have ledger entries
-- column direction VARCHAR: CREDIT or DEBIT: what the account's own entry is
-- column amount DECIMAL(20,4): positive amount in `currency`
-- column currency VARCHAR: ISO 4217 code
-- column event_ts TIMESTAMP: business time, UTC
-- column created_at TIMESTAMP: time the bank's server recorded it, UTC
-- column day DATE: UTC day of created_at
-- column event_day DATE: UTC day of event_ts: the day a late event belongs to
-- column channel VARCHAR: where it came from
-- column device_id BIGINT: device it was made with
-- column reference_id BIGINT: transaction it refers to
-- column reversal_of BIGINT: transaction it reverses or refunds
SELECT
  transaction_id,
  account_id,
  counter_account_id,
  customer_id,
  merchant_id,
  type,
  status,
  direction,
  amount,
  currency,
  CAST(event_ts AS TIMESTAMP) AS event_ts,
  CAST(created_at AS TIMESTAMP) AS created_at,
  CAST(CAST(created_at AS TIMESTAMP) AS DATE) AS day,
  CAST(CAST(event_ts AS TIMESTAMP) AS DATE) AS event_day,
  channel,
  device_id,
  reference_id,
  reversal_of
FROM silver.transactions
