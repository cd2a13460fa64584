-- model: fct_trades
-- description: Every paper trade; trades are never changed.
-- grain: trade
-- key: trade_id
-- inputs: silver.trades(trade_id)
-- refresh: rows
-- ties to: one row per row of silver.trades
-- column trade_id BIGINT: the bank's number of the trade
-- column account_id BIGINT: account that pays or receives the cash
-- column customer_id BIGINT: customer
-- column symbol VARCHAR: instrument
-- column side VARCHAR: buy or sell
-- column quantity DECIMAL(20,8): units traded
-- column price DECIMAL(20,4): price of one unit
-- column amount DECIMAL(20,4): quantity x price, rounded to the currency
-- column currency VARCHAR: ISO 4217 code
-- column transaction_id BIGINT: its cash leg
-- column traded_at TIMESTAMP: time of the trade, UTC
-- column day DATE: UTC day of traded_at
SELECT
  trade_id, account_id, customer_id, symbol, side, quantity, price, amount, currency, transaction_id,
  CAST(traded_at AS TIMESTAMP) AS traded_at,
  CAST(CAST(traded_at AS TIMESTAMP) AS DATE) AS day
FROM silver.trades
