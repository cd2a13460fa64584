-- check: holdings_are_trades
-- model: holdings
-- severity: block
-- inputs: holdings, fct_trades
-- scope: everything
-- expected: quantity held = bought - sold, never negative; market value = quantity x last price

-- == full
SELECT *
FROM gold.holdings AS h
FULL JOIN (
  SELECT account_id AS account, symbol AS instrument, sum(CASE side WHEN 'buy' THEN quantity ELSE -quantity END) AS traded
  FROM gold.fct_trades
  GROUP BY account_id, symbol
) AS t ON t.account = h.account_id AND t.instrument = h.symbol
WHERE coalesce(quantity, 0) <> coalesce(traded, 0) OR market_value <> round(CAST(quantity AS DECIMAL(20, 8)) * last_price, 4)
