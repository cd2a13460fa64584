-- model: holdings
-- description: What each account holds, at cost (lots, first in, first out) and at the last price.
-- grain: account x instrument
-- key: account_id, instrument_id
-- inputs: gold.trade_lots, gold.last_prices
-- refresh: view
-- ties to: quantity = bought less sold; market_value = quantity x last_price (check holdings_are_trades)
-- column customer_id BIGINT: customer
-- column account_id BIGINT: account
-- column instrument_id VARCHAR: the instrument's key, its symbol
-- column symbol VARCHAR: its symbol
-- column currency VARCHAR: ISO 4217 code
-- column quantity DECIMAL(38,8): units held
-- column cost_basis DECIMAL(38,4): what the units held were bought for
-- column last_price DECIMAL(20,4): last published price
-- column market_value DECIMAL(38,4): quantity x last_price
-- column unrealised DECIMAL(38,4): market_value - cost_basis
SELECT customer_id, account_id, symbol AS instrument_id, symbol, currency, quantity, cost_basis, last_price, market_value, market_value - cost_basis AS unrealised
FROM (
  SELECT
    l.customer_id, l.account_id, l.symbol, l.currency, sum(l.remaining) AS quantity,
    CAST(round(sum(l.remaining * l.price), 4) AS DECIMAL(38, 4)) AS cost_basis, any_value(p.price) AS last_price,
    CAST(round(CAST(sum(l.remaining) AS DECIMAL(20, 8)) * any_value(p.price), 4) AS DECIMAL(38, 4)) AS market_value
  FROM gold.trade_lots AS l
  LEFT JOIN gold.last_prices AS p ON p.symbol = l.symbol
  WHERE l.remaining > 0
  GROUP BY l.customer_id, l.account_id, l.symbol, l.currency
)
