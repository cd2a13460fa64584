-- model: net_deposits
-- description: Money that customers brought and took, by day. Transfers between accounts are not in it; a reversal takes back what it reverses.
-- grain: UTC day of event_ts x currency
-- key: day, currency
-- inputs: gold.transaction_days
-- refresh: view
-- ties to: net over everything = movement of the float accounts, the other way round (check net_deposits_float)
-- column day DATE: UTC day
-- column currency VARCHAR: ISO 4217 code
-- column deposits DECIMAL(38,4): deposits less reversed deposits
-- column withdrawals DECIMAL(38,4): withdrawals less reversed withdrawals
-- column net DECIMAL(38,4): deposits - withdrawals
SELECT day, currency, sum(deposit) AS deposits, sum(withdrawal) AS withdrawals, sum(deposit - withdrawal) AS net
FROM (
  SELECT
    day, currency,
    CASE WHEN type = 'DEPOSIT' THEN amount WHEN type = 'REVERSAL' AND house_role = 1 AND direction = 'DEBIT' THEN -amount ELSE 0 END AS deposit,
    CASE WHEN type = 'WITHDRAWAL' THEN amount WHEN type = 'REVERSAL' AND house_role = 1 AND direction = 'CREDIT' THEN -amount ELSE 0 END AS withdrawal
  FROM gold.transaction_days
  WHERE status = 'posted' AND (type IN ('DEPOSIT', 'WITHDRAWAL') OR (type = 'REVERSAL' AND house_role = 1))
)
GROUP BY day, currency
