-- model: portfolio_risk
-- description: How much each portfolio moves: from its daily time-weighted returns.
-- grain: account
-- key: account_id
-- inputs: gold.portfolio_value
-- refresh: turn
-- ties to: computed from twr of portfolio_value
-- column customer_id BIGINT: customer
-- column account_id BIGINT: account
-- column volatility DOUBLE: standard deviation of the daily returns x sqrt(252)
-- column max_drawdown DOUBLE: greatest fall from a high, as a share of the high
SELECT any_value(customer_id) AS customer_id, account_id, stddev_samp(growth - 1) * sqrt(252) AS volatility, max(1 - level / peak) AS max_drawdown
FROM (
  SELECT customer_id, account_id, day, 1 + twr AS level, (1 + twr) / nullif(lag(1 + twr) OVER byday, 0) AS growth, greatest(1, max(1 + twr) OVER byday) AS peak
  FROM gold.portfolio_value
  WHERE twr IS NOT NULL
  WINDOW byday AS (PARTITION BY account_id ORDER BY day)
)
GROUP BY account_id
