-- model: last_prices
-- description: The last published price of each instrument.
-- grain: instrument
-- key: symbol
-- inputs: gold.fct_market_prices
-- refresh: view
-- ties to: price = that of the greatest tick
-- column symbol VARCHAR: instrument
-- column price DECIMAL(20,4): price of one unit
-- column priced_at TIMESTAMP: time of the price, UTC
SELECT symbol, arg_max(price, tick) AS price, arg_max(priced_at, tick) AS priced_at
FROM gold.fct_market_prices
GROUP BY symbol
