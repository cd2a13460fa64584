-- model: fct_ledger_entries
-- description: Every posting. Credits minus debits are the truth about money; per transaction and currency they are equal (G6).
-- grain: ledger entry
-- key: entry_id
-- inputs: silver.ledger_entries(entry_id)
-- refresh: rows
-- ties to: count and sum(amount) = silver.ledger_entries (check fct_ledger_entries_complete); zero per transaction and currency (entries_sum_to_zero)
-- column entry_id BIGINT: the bank's number of the entry
-- column transaction_id BIGINT: transaction that posted it
-- column account_id BIGINT: account it is posted to
-- column posting_type VARCHAR: CREDIT or DEBIT
-- column amount DECIMAL(20,4): positive amount in `currency`
-- column currency VARCHAR: ISO 4217 code, the account's own
-- column created_at TIMESTAMP: time of the posting, UTC
-- column day DATE: UTC day of created_at
SELECT
  entry_id,
  transaction_id,
  account_id,
  posting_type,
  amount,
  currency,
  CAST(created_at AS TIMESTAMP) AS created_at,
  CAST(CAST(created_at AS TIMESTAMP) AS DATE) AS day
FROM silver.ledger_entries
