-- check: cashback_liability
-- model: cashback
-- severity: page
-- inputs: cashback, account_balances, account_attributes
-- scope: everything
-- expected: cashback paid, by currency, is what left the cashback accounts

-- == full
SELECT *
FROM (SELECT currency, sum(paid) AS paid FROM gold.cashback GROUP BY currency) AS c
FULL JOIN (
  SELECT a.currency AS code, sum(b.balance) AS moved
  FROM gold.account_balances AS b
  JOIN gold.account_attributes AS a ON a.account_id = b.account_id
  WHERE a.account_type = 'house_cashback'
  GROUP BY a.currency
) AS h ON h.code = c.currency
WHERE coalesce(paid, 0) <> -coalesce(moved, 0)
