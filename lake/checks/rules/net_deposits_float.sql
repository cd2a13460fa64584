-- check: net_deposits_float
-- model: net_deposits
-- severity: page
-- inputs: net_deposits, account_balances, account_attributes
-- scope: everything
-- expected: net deposits, by currency, are the movement of the float accounts, the other way round

-- == full
SELECT *
FROM (SELECT currency, sum(net) AS net FROM gold.net_deposits GROUP BY currency) AS n
FULL JOIN (
  SELECT a.currency AS code, sum(b.balance) AS moved
  FROM gold.account_balances AS b
  JOIN gold.account_attributes AS a ON a.account_id = b.account_id
  WHERE a.account_type = 'house_float'
  GROUP BY a.currency
) AS h ON h.code = n.currency
WHERE coalesce(net, 0) <> -coalesce(moved, 0)
