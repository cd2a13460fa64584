-- check: revenue_moves
-- model: monthly_revenue
-- severity: block
-- inputs: monthly_revenue, fee_revenue, transaction_days, account_balances, account_attributes
-- scope: everything
-- expected: fee revenue is the movement of the fee accounts; net revenue is that, less what left the cashback accounts, less chargebacks

-- == full
SELECT *
FROM (SELECT currency, sum(net) AS net FROM gold.monthly_revenue GROUP BY currency) AS r
FULL JOIN (
  SELECT a.currency AS code, sum(b.balance) AS moved, sum(b.balance) FILTER (a.account_type = 'house_fees') AS fees
  FROM gold.account_balances AS b
  JOIN gold.account_attributes AS a ON a.account_id = b.account_id
  WHERE a.account_type IN ('house_fees', 'house_cashback')
  GROUP BY a.currency
) AS h ON h.code = r.currency
LEFT JOIN (SELECT currency AS fee_currency, sum(amount) AS fee_revenue FROM gold.fee_revenue GROUP BY currency) AS f ON f.fee_currency = h.code
LEFT JOIN (
  SELECT currency AS back_currency, sum(amount) AS charged_back FROM gold.transaction_days WHERE type = 'CHARGEBACK' AND status = 'posted' GROUP BY currency
) AS c ON c.back_currency = r.currency
WHERE coalesce(net, 0) <> coalesce(moved, 0) - coalesce(charged_back, 0) OR coalesce(fee_revenue, 0) <> coalesce(fees, 0)
