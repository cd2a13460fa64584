-- model: account_balances
-- description: What each account has now: the sum of its entries, never the bank's cached accounts.balance.
-- grain: account with entries
-- key: account_id
-- inputs: gold.fct_ledger_entries
-- refresh: sums
-- sums: entries, balance
-- ties to: balance = closing of the account's last day (check daily_balances_chain)
-- column account_id BIGINT uncompressed: account
-- column balance DECIMAL(38,4) uncompressed: credits minus debits of all entries
-- column entries BIGINT uncompressed: number of entries
SELECT
  account_id,
  sum(CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END) AS balance,
  count(*) AS entries
FROM gold.fct_ledger_entries
GROUP BY account_id
