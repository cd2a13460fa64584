-- model: portfolio_days
-- description: Each trading account day by day: holdings at the day's last prices, cash, cost, realised gains, income, and money that came from or went outside.
-- grain: account x UTC day from its first trade on
-- key: account_id, day
-- inputs: gold.fct_trades, gold.trade_lots, gold.fct_market_prices, gold.daily_account_balances, gold.fct_transactions, gold.as_of
-- refresh: turn
-- ties to: value = sum(quantity x price) + cash (check portfolio_adds_up)
-- column customer_id BIGINT: customer
-- column account_id BIGINT: account
-- column currency VARCHAR: ISO 4217 code
-- column day DATE: UTC day
-- column market_value DECIMAL(38,4): sum(quantity x last price of the day or before)
-- column cash DECIMAL(38,4): balance of the account at the day's end
-- column cost DECIMAL(38,4): what the units held then were bought for, first in, first out
-- column realised DECIMAL(38,4): proceeds of all sales so far less what the sold units were bought for
-- column income DECIMAL(38,4): interest and dividends credited so far
-- column inflow DECIMAL(38,4): money from outside on the day (not from sales or income); on the first day with the balance before it
-- column outflow DECIMAL(38,4): money to outside on the day
WITH accounts AS (
  SELECT account_id, any_value(customer_id) AS customer_id, any_value(currency) AS currency, min(day) AS first_day
  FROM gold.fct_trades
  GROUP BY account_id
),
days AS (
  SELECT a.account_id, a.customer_id, a.currency, a.first_day,
    CAST(unnest(generate_series(CAST(a.first_day AS TIMESTAMP), CAST(greatest(n.day, p.day, a.first_day) AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE) AS day
  FROM accounts AS a CROSS JOIN gold.as_of AS n CROSS JOIN (SELECT max(day) AS day FROM gold.fct_market_prices) AS p
),
moves AS (
  SELECT account_id, symbol, day, sum(bought) OVER w AS bought, sum(sold) OVER w AS sold, sum(paid) OVER w AS paid, sum(proceeds) OVER w AS proceeds
  FROM (
    SELECT account_id, symbol, day,
      sum(CASE side WHEN 'buy' THEN quantity ELSE 0 END) AS bought, sum(CASE side WHEN 'buy' THEN 0 ELSE quantity END) AS sold,
      sum(CASE side WHEN 'buy' THEN amount ELSE 0 END) AS paid, sum(CASE side WHEN 'buy' THEN 0 ELSE amount END) AS proceeds
    FROM gold.fct_trades
    GROUP BY account_id, symbol, day
  )
  WINDOW w AS (PARTITION BY account_id, symbol ORDER BY day)
),
costs AS (
  SELECT m.account_id, m.symbol, m.day,
    sum(CAST(l.quantity - greatest(least(m.sold - l.bought_before, l.quantity), 0) AS DECIMAL(20, 8)) * l.price) AS cost
  FROM moves AS m
  JOIN gold.trade_lots AS l ON l.account_id = m.account_id AND l.symbol = m.symbol AND CAST(l.traded_at AS DATE) <= m.day
  GROUP BY m.account_id, m.symbol, m.day
),
closes AS (SELECT symbol, day, arg_max(price, tick) AS price FROM gold.fct_market_prices GROUP BY symbol, day),
positions AS (
  SELECT d.account_id, d.day, CAST(m.bought - m.sold AS DECIMAL(20, 8)) * coalesce(p.price, 0) AS market_value, c.cost, m.proceeds - m.paid + c.cost AS realised
  FROM (SELECT d.account_id, d.day, s.symbol FROM days AS d JOIN (SELECT DISTINCT account_id, symbol FROM moves) AS s ON s.account_id = d.account_id) AS d
  ASOF JOIN moves AS m ON m.account_id = d.account_id AND m.symbol = d.symbol AND m.day <= d.day
  ASOF LEFT JOIN closes AS p ON p.symbol = d.symbol AND p.day <= d.day
  LEFT JOIN costs AS c ON c.account_id = m.account_id AND c.symbol = m.symbol AND c.day = m.day
),
valued AS (
  SELECT account_id, day, sum(market_value) AS market_value, sum(cost) AS cost, sum(realised) AS realised
  FROM positions
  GROUP BY account_id, day
),
balances AS (SELECT * FROM gold.daily_account_balances WHERE account_id IN (SELECT account_id FROM accounts)),
interest AS (
  SELECT account_id, day, sum(CASE direction WHEN 'CREDIT' THEN amount ELSE -amount END) AS amount
  FROM gold.fct_transactions
  WHERE type = 'INTEREST' AND status = 'posted' AND account_id IN (SELECT account_id FROM accounts)
  GROUP BY account_id, day
),
traded AS (SELECT account_id, day, sum(CASE side WHEN 'buy' THEN -amount ELSE amount END) AS amount FROM gold.fct_trades GROUP BY account_id, day),
flows AS (
  SELECT d.account_id, d.day, d.customer_id, d.currency, b.closing AS cash, coalesce(i.amount, 0) AS income,
    CASE WHEN d.day = b.day THEN b.net ELSE 0 END - coalesce(t.amount, 0) - coalesce(i.amount, 0)
      + CASE WHEN d.day <> d.first_day THEN 0 WHEN b.day = d.day THEN b.opening ELSE coalesce(b.closing, 0) END AS flow
  FROM days AS d
  ASOF LEFT JOIN balances AS b ON b.account_id = d.account_id AND b.day <= d.day
  LEFT JOIN interest AS i ON i.account_id = d.account_id AND i.day = d.day
  LEFT JOIN traded AS t ON t.account_id = d.account_id AND t.day = d.day
)
SELECT
  f.customer_id, f.account_id, f.currency, f.day, CAST(round(coalesce(v.market_value, 0), 4) AS DECIMAL(38, 4)) AS market_value, coalesce(f.cash, 0) AS cash,
  CAST(round(coalesce(v.cost, 0), 4) AS DECIMAL(38, 4)) AS cost, CAST(round(coalesce(v.realised, 0), 4) AS DECIMAL(38, 4)) AS realised,
  sum(f.income) OVER (PARTITION BY f.account_id ORDER BY f.day) AS income, greatest(f.flow, 0) AS inflow, greatest(-f.flow, 0) AS outflow
FROM flows AS f
LEFT JOIN valued AS v ON v.account_id = f.account_id AND v.day = f.day
