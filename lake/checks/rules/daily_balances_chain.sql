-- check: daily_balances_chain
-- model: daily_account_balances
-- severity: block
-- inputs: daily_account_balances, dim_accounts
-- scope: changed accounts, from their first changed day on
-- expected: closing = opening + net; opening = closing of the day before; last closing = sum of the account's entries
-- literal first_day: SELECT min(day) FROM changed.fct_ledger_entries
-- literal last_day: SELECT greatest((SELECT max(day) FROM changed.fct_ledger_entries), (SELECT max(day) FROM gold.daily_account_balances WHERE day > {{first_day}}))

-- == changed
-- when {{first_day}} = {{last_day}}: one row per account
SELECT d.account_id, d.day, d.opening, d.net, d.closing, a.balance
FROM gold.daily_account_balances AS d
JOIN gold.dim_accounts AS a ON a.account_id = d.account_id
WHERE d.day >= {{first_day}} AND d.account_id IN (SELECT account_id FROM changed.fct_ledger_entries)
  AND (d.closing <> d.opening + d.net OR d.closing <> a.balance);

-- otherwise: all days from the first changed one on
SELECT d.account_id, d.closings, a.balance
FROM (
  SELECT account_id, list(opening ORDER BY day) AS openings, list(closing ORDER BY day) AS closings, bool_and(closing = opening + net) AS adds_up
  FROM gold.daily_account_balances
  WHERE day >= {{first_day}} AND account_id IN (SELECT account_id FROM changed.fct_ledger_entries)
  GROUP BY account_id
) AS d
LEFT JOIN gold.dim_accounts AS a ON a.account_id = d.account_id
WHERE NOT d.adds_up OR d.openings[2:] <> d.closings[:-2] OR d.closings[-1] IS DISTINCT FROM a.balance

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
