-- model: trade_lots
-- description: Lots: every purchase of an instrument, with what of it has been sold since, first in, first out.
-- grain: buy trade
-- key: trade_id
-- inputs: gold.fct_trades
-- refresh: view
-- ties to: sum of remaining = quantity bought less quantity sold (check holdings_are_trades)
-- column trade_id BIGINT: the trade that bought it
-- column customer_id BIGINT: customer
-- column account_id BIGINT: account
-- column symbol VARCHAR: instrument
-- column currency VARCHAR: ISO 4217 code
-- column traded_at TIMESTAMP: when it was bought, UTC
-- column price DECIMAL(20,4): price of one unit
-- column quantity DECIMAL(20,8): units bought
-- column bought_before DECIMAL(38,8): units bought before it
-- column remaining DECIMAL(20,8): units that have not been sold
SELECT
  b.trade_id, b.customer_id, b.account_id, b.symbol, b.currency, b.traded_at, b.price, b.quantity, b.bought_before,
  CAST(b.quantity - greatest(least(coalesce(s.sold, 0) - b.bought_before, b.quantity), 0) AS DECIMAL(20, 8)) AS remaining
FROM (
  SELECT *, sum(quantity) OVER (PARTITION BY account_id, symbol ORDER BY traded_at, trade_id) - quantity AS bought_before
  FROM gold.fct_trades
  WHERE side = 'buy'
) AS b
LEFT JOIN (SELECT account_id, symbol, sum(quantity) AS sold FROM gold.fct_trades WHERE side = 'sell' GROUP BY account_id, symbol) AS s
  ON s.account_id = b.account_id AND s.symbol = b.symbol
