-- check: daily_balances_chain
-- model: daily_account_balances
-- severity: block
-- inputs: daily_account_balances, account_balances
-- scope: accounts with pending changes, from the first changed day on
-- expected: closing = opening + net; opening = closing of the day before; last closing = sum of the account's entries

-- == settled
SELECT d.account_id, d.closings, a.balance
FROM (
  SELECT account_id, list(opening ORDER BY day) AS openings, list(closing ORDER BY day) AS closings, bool_and(closing = opening + net) AS adds_up
  FROM settled.daily_account_balances
  WHERE day >= (SELECT min(day) FROM changes.fct_ledger_entries) AND account_id IN (SELECT account_id FROM changes.fct_ledger_entries)
  GROUP BY account_id
) AS d
LEFT JOIN settled.account_balances AS a ON a.account_id = d.account_id
WHERE NOT d.adds_up OR d.openings[2:] <> d.closings[:-2] OR d.closings[-1] IS DISTINCT FROM a.balance

-- == full
SELECT *
FROM (
  SELECT
    d.account_id, d.day, d.opening, d.net, d.closing, a.balance,
    lag(d.closing, 1, CAST(0 AS DECIMAL(38, 4))) OVER (PARTITION BY d.account_id ORDER BY d.day) AS closing_before,
    row_number() OVER (PARTITION BY d.account_id ORDER BY d.day DESC) = 1 AS is_last
  FROM gold.daily_account_balances AS d
  LEFT JOIN gold.account_balances AS a ON a.account_id = d.account_id
)
WHERE closing <> opening + net OR opening <> closing_before OR (is_last AND closing IS DISTINCT FROM balance)
