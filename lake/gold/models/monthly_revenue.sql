-- model: monthly_revenue
-- description: Revenue by month and account. Gross: credits to income accounts. Contra: fees returned, cashback paid by the bank, chargebacks. Volume is never revenue.
-- grain: month x income or contra account x currency
-- key: month, account_id, currency
-- inputs: gold.daily_account_balances, gold.account_attributes, gold.transaction_days
-- refresh: view
-- ties to: net = movement of the income and cashback accounts, less chargebacks (check revenue_moves)
-- column month DATE: first day of the month; of the posting for accounts, of the event for chargebacks
-- column account_id BIGINT: fee income account, cashback account, or the settlement account of chargebacks
-- column currency VARCHAR: ISO 4217 code
-- column gross DECIMAL(38,4): credits to income accounts
-- column contra DECIMAL(38,4): fees refunded or reversed, cashback paid less taken back, chargebacks
-- column net DECIMAL(38,4): gross - contra
SELECT month, account_id, currency, sum(gross) AS gross, sum(contra) AS contra, sum(gross - contra) AS net
FROM (
  SELECT
    CAST(date_trunc('month', d.day) AS DATE) AS month, d.account_id, d.currency,
    CASE a.account_type WHEN 'house_fees' THEN d.credits ELSE 0 END AS gross,
    CASE a.account_type WHEN 'house_fees' THEN d.debits ELSE d.debits - d.credits END AS contra
  FROM gold.daily_account_balances AS d
  JOIN gold.account_attributes AS a ON a.account_id = d.account_id
  WHERE a.account_type IN ('house_fees', 'house_cashback')
  UNION ALL
  SELECT CAST(date_trunc('month', t.day) AS DATE), a.account_id, t.currency, 0, t.amount
  FROM gold.transaction_days AS t
  LEFT JOIN gold.account_attributes AS a ON a.account_type = 'house_settlement' AND a.currency = t.currency
  WHERE t.type = 'CHARGEBACK' AND t.status = 'posted'
)
GROUP BY month, account_id, currency
