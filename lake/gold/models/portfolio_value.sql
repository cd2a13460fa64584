-- model: portfolio_value
-- description: Value and performance of each trading account day by day. Returns are rates, not money, and computed in floating point.
-- grain: account x UTC day from its first trade on
-- key: account_id, day
-- inputs: gold.portfolio_days
-- refresh: turn
-- ties to: value = sum(quantity x price) + cash (check portfolio_adds_up)
-- column customer_id BIGINT: customer
-- column account_id BIGINT: account
-- column currency VARCHAR: ISO 4217 code
-- column day DATE: UTC day
-- column value DECIMAL(38,4): holdings at the day's last prices, and cash
-- column cash DECIMAL(38,4): balance of the account at the day's end
-- column cost DECIMAL(38,4): what the units held were bought for, first in, first out
-- column realised DECIMAL(38,4): gains of all sales so far
-- column income DECIMAL(38,4): interest and dividends so far
-- column roi DOUBLE: (value of the holdings + realised + income - cost) / cost; NULL while nothing is held
-- column twr DOUBLE: time-weighted return since the first trade: daily returns chained, inflows counted at the start of their day, outflows at its end
-- column mwr DOUBLE: money-weighted return a year (XIRR): the rate at which all flows grow to the value; NULL where no rate between -99.99 % and 1000 % does
WITH returns AS (
  SELECT *, market_value + cash AS value,
    CAST(market_value + cash + outflow AS DOUBLE) / nullif(CAST(coalesce(lag(market_value + cash) OVER byday, 0) + inflow AS DOUBLE), 0) AS growth,
    list({day: day, amount: CAST(inflow - outflow AS DOUBLE)}) FILTER (inflow <> outflow) OVER byday AS flows
  FROM gold.portfolio_days
  WINDOW byday AS (PARTITION BY account_id ORDER BY day)
),
rates AS (
  SELECT *, list_reduce(list_transform(range(48), lambda i: {low: CAST(-0.9999 AS DOUBLE), high: CAST(10 AS DOUBLE)}),
    lambda a, b: CASE
      WHEN list_sum(list_transform(flows, lambda f: f.amount * pow(1 + (a.low + a.high) / 2, (day - f.day) / 365))) > CAST(value AS DOUBLE)
        THEN {low: a.low, high: (a.low + a.high) / 2}
      ELSE {low: (a.low + a.high) / 2, high: a.high}
    END).low AS rate
  FROM returns
)
SELECT
  customer_id, account_id, currency, day, value, cash, cost, realised, income,
  CAST(market_value + realised + income - cost AS DOUBLE) / nullif(CAST(cost AS DOUBLE), 0) AS roi,
  exp(sum(CASE WHEN growth > 0 THEN ln(growth) END) OVER (PARTITION BY account_id ORDER BY day)) - 1 AS twr,
  CASE WHEN day > flows[1].day AND rate > -0.9998 AND rate < 9.999 THEN rate END AS mwr
FROM rates
