-- check: daily_balances_chain
-- model: daily_account_balances
-- severity: block
-- inputs: daily_account_balances, dim_accounts
-- scope: changed accounts, from their first changed day on
-- expected: closing = opening + net; opening = closing of the day before; last closing = sum of the account's entries
-- literal first_day: SELECT min(day) FROM changed.fct_ledger_entries

-- == changed
SELECT *
FROM (
  SELECT
    d.account_id, d.day, d.opening, d.net, d.closing, a.balance,
    lag(d.closing) OVER (PARTITION BY d.account_id ORDER BY d.day) AS closing_before,
    row_number() OVER (PARTITION BY d.account_id ORDER BY d.day DESC) = 1 AS is_last
  FROM gold.daily_account_balances AS d
  JOIN (SELECT account_id, min(day) AS day FROM changed.fct_ledger_entries GROUP BY account_id) AS c ON c.account_id = d.account_id AND d.day >= c.day
  LEFT JOIN gold.dim_accounts AS a ON a.account_id = d.account_id
  WHERE d.day >= {{first_day}}
)
WHERE closing <> opening + net OR opening <> closing_before OR (is_last AND closing IS DISTINCT FROM balance)

-- == full
SELECT *
FROM (
  SELECT
    d.account_id, d.day, d.opening, d.net, d.closing, a.balance,
    lag(d.closing, 1, CAST(0 AS DECIMAL(38, 4))) OVER (PARTITION BY d.account_id ORDER BY d.day) AS closing_before,
    row_number() OVER (PARTITION BY d.account_id ORDER BY d.day DESC) = 1 AS is_last
  FROM gold.daily_account_balances AS d
  LEFT JOIN gold.dim_accounts AS a ON a.account_id = d.account_id
)
WHERE closing <> opening + net OR opening <> closing_before OR (is_last AND closing IS DISTINCT FROM balance)
