-- model: ledger
-- description: The canonical ledger under the names of the event model: a balance is the sum of credits minus debits.
-- grain: ledger entry
-- key: ledger_entry_id
-- inputs: gold.fct_ledger_entries, gold.fct_transactions, gold.account_attributes
-- refresh: view
-- published: no
-- ties to: one row per row of fct_ledger_entries
-- column ledger_entry_id BIGINT: the bank's number of the entry
-- column event_id BIGINT: event (transaction) that posted it
-- column event_ts TIMESTAMP: business time of the event, UTC
-- column user_id BIGINT: owner of the account
-- column account_id BIGINT: account
-- column posting_type VARCHAR: CREDIT or DEBIT
-- column amount DECIMAL(20,4): positive amount
-- column currency VARCHAR: ISO 4217 code
SELECT
  e.entry_id AS ledger_entry_id, e.transaction_id AS event_id, coalesce(t.event_ts, e.created_at) AS event_ts, a.customer_id AS user_id,
  e.account_id, e.posting_type, e.amount, e.currency
FROM gold.fct_ledger_entries AS e
LEFT JOIN gold.fct_transactions AS t ON t.transaction_id = e.transaction_id
LEFT JOIN gold.account_attributes AS a ON a.account_id = e.account_id
