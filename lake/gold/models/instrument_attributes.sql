-- model: instrument_attributes
-- description: Instruments that can be traded.
-- grain: instrument
-- key: symbol
-- inputs: silver.instruments(symbol)
-- refresh: rows
-- ties to: one row per row of silver.instruments
-- column symbol VARCHAR: the instrument's symbol, its key
-- column name VARCHAR: full name
-- column asset_class VARCHAR: stock, fund, bond or metal
-- column currency VARCHAR: ISO 4217 code of its prices
SELECT symbol, name, kind AS asset_class, currency
FROM silver.instruments
