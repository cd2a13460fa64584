-- model: daily_account_balances
-- description: What moved on each account on each UTC day with activity, and the balance before and after. Pending money is not in it.
-- grain: account x UTC day with activity (an account has one currency)
-- key: account_id, currency, day
-- inputs: gold.fct_ledger_entries
-- refresh: sums
-- sums: entries, credits, debits, net
-- running: opening, closing of net over account_id, currency by day
-- order: day, account_id
-- ties to: closing = opening + net, opening = closing of the day before, last closing = sum of entries (check daily_balances_chain)
-- column account_id BIGINT uncompressed: account
-- column day DATE: UTC day of the entries' created_at
-- column currency VARCHAR: ISO 4217 code
-- column opening DECIMAL(38,4) uncompressed: balance at the start of the day
-- column credits DECIMAL(38,4) uncompressed: sum of the day's credit entries
-- column debits DECIMAL(38,4) uncompressed: sum of the day's debit entries
-- column net DECIMAL(38,4) uncompressed: credits - debits
-- column closing DECIMAL(38,4) uncompressed: balance at the last instant of the day, opening + net
-- column entries BIGINT uncompressed: number of entries of the day
SELECT
  account_id,
  day,
  currency,
  sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE 0 END) AS credits,
  sum(CASE WHEN posting_type = 'CREDIT' THEN 0 ELSE amount END) AS debits,
  sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) AS net,
  count(*) AS entries
FROM gold.fct_ledger_entries
GROUP BY account_id, day, currency
