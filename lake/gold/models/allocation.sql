-- model: allocation
-- description: What share of each portfolio is in which instrument, and in cash.
-- grain: account x instrument or cash
-- key: account_id, symbol
-- inputs: gold.holdings, gold.instrument_attributes, gold.account_balances, gold.fct_trades
-- refresh: view
-- ties to: shares of an account sum to 1
-- column customer_id BIGINT: customer
-- column account_id BIGINT: account
-- column symbol VARCHAR: instrument, or CASH
-- column asset_class VARCHAR: stock, fund, bond, metal or cash
-- column currency VARCHAR: ISO 4217 code
-- column value DECIMAL(38,4): market value, or balance of the account
-- column share DOUBLE: value / sum of the account's values
SELECT *, value / nullif(sum(value) OVER (PARTITION BY account_id), 0) AS share
FROM (
  SELECT h.customer_id, h.account_id, h.symbol, i.asset_class, h.currency, h.market_value AS value
  FROM gold.holdings AS h
  LEFT JOIN gold.instrument_attributes AS i ON i.symbol = h.symbol
  UNION ALL
  SELECT t.customer_id, t.account_id, 'CASH', 'cash', t.currency, b.balance
  FROM (SELECT DISTINCT customer_id, account_id, currency FROM gold.fct_trades) AS t
  JOIN gold.account_balances AS b ON b.account_id = t.account_id
  WHERE b.balance > 0
)
