-- Brings dim_accounts up to date after changes of accounts and of entries.
-- live.accounts: changed rows of silver.accounts; gone.accounts: keys that left it; fresh/stale: entries that came and went.
DELETE FROM gold.dim_accounts WHERE account_id IN (SELECT account_id FROM gone.accounts);

-- Attributes are written only where they differ: a posting changes the bank's cached balance, not what is shown here.
MERGE INTO gold.dim_accounts AS t
USING (
  SELECT
    coalesce(a.account_id, m.account_id) AS account_id,
    a.account_id IS NOT NULL AS has_attributes,
    a.customer_id,
    a.account_type,
    a.currency,
    a.status,
    a.overdraft_limit,
    CAST(a.created_at AS TIMESTAMP) AS created_at,
    coalesce(m.balance, 0) AS balance,
    coalesce(m.entries, 0) AS entries
  FROM live.accounts AS a
  FULL JOIN (
    SELECT account_id, sum(balance) AS balance, sum(entries) AS entries
    FROM (
      SELECT account_id, CASE WHEN posting_type = 'CREDIT' THEN amount ELSE -amount END AS balance, 1 AS entries FROM fresh.fct_ledger_entries
      UNION ALL
      SELECT account_id, CASE WHEN posting_type = 'CREDIT' THEN -amount ELSE amount END AS balance, -1 AS entries FROM stale.fct_ledger_entries
    )
    GROUP BY account_id
  ) AS m ON m.account_id = a.account_id
) AS n
ON t.account_id = n.account_id
WHEN MATCHED AND n.has_attributes AND (
  t.customer_id IS DISTINCT FROM n.customer_id OR t.account_type IS DISTINCT FROM n.account_type OR t.currency IS DISTINCT FROM n.currency
  OR t.status IS DISTINCT FROM n.status OR t.overdraft_limit IS DISTINCT FROM n.overdraft_limit OR t.created_at IS DISTINCT FROM n.created_at
) THEN UPDATE SET
  customer_id = n.customer_id, account_type = n.account_type, currency = n.currency, status = n.status, overdraft_limit = n.overdraft_limit,
  created_at = n.created_at, balance = t.balance + n.balance, entries = t.entries + n.entries
WHEN MATCHED AND (n.entries <> 0 OR n.balance <> 0) THEN UPDATE SET balance = t.balance + n.balance, entries = t.entries + n.entries
WHEN NOT MATCHED AND n.has_attributes THEN INSERT (account_id, customer_id, account_type, currency, status, overdraft_limit, created_at, balance, entries)
  VALUES (n.account_id, n.customer_id, n.account_type, n.currency, n.status, n.overdraft_limit, n.created_at, n.balance, n.entries);
