-- model: fct_market_prices
-- description: Every published price.
-- grain: instrument x tick
-- key: symbol, tick
-- inputs: silver.market_prices(symbol, tick)
-- refresh: rows
-- ties to: one row per row of silver.market_prices
-- column symbol VARCHAR: instrument
-- column tick BIGINT: number of the price, from 0, without gaps
-- column price DECIMAL(20,4): price of one unit
-- column currency VARCHAR: ISO 4217 code
-- column priced_at TIMESTAMP: time of the price, UTC
-- column day DATE: UTC day of priced_at
SELECT
  symbol, tick, price, currency,
  CAST(priced_at AS TIMESTAMP) AS priced_at,
  CAST(CAST(priced_at AS TIMESTAMP) AS DATE) AS day
FROM silver.market_prices
