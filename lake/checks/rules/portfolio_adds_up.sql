-- check: portfolio_adds_up
-- model: portfolio_value
-- severity: page
-- inputs: portfolio_value, holdings, account_balances
-- scope: the last day, when the last turn is at this position
-- expected: value = sum(quantity x last price) + cash

-- == full
SELECT *
FROM (SELECT account_id, arg_max(value, day) AS value FROM gold.portfolio_value GROUP BY account_id) AS p
LEFT JOIN (SELECT account_id AS account, sum(market_value) AS held FROM gold.holdings GROUP BY account_id) AS h ON h.account = p.account_id
LEFT JOIN gold.account_balances AS b ON b.account_id = p.account_id
WHERE abs(value - coalesce(held, 0) - coalesce(b.balance, 0)) > 0.01
  AND NOT EXISTS (SELECT 1 FROM ops.gold_turns WHERE model IN ('portfolio_value') AND commit_id < (SELECT commit_id FROM ops.state))
