// What the portfolio and alerts pages ask of gold and of the market's tables. $1 is always the customer.

import type { AllocationRow, HoldingRow, PortfolioDayRow, PriceAlertRow, PriceRow, RiskRow, TradeRow } from '../answers/customer.ts';
import type { SectionQuery } from '../store/snapshot.ts';
import { iso } from '../store/time-sql.ts';

const CHART_DAYS = 365;
const TRADES_MAX = 20;

export const holdingsQuery = (customer: string): SectionQuery<HoldingRow> => ({
  from: ['gold.holdings'],
  sql: `SELECT account_id, symbol, quantity, cost_basis, last_price, market_value, unrealised, currency
        FROM gold.holdings WHERE customer_id = $1::BIGINT AND quantity <> 0 ORDER BY market_value DESC, symbol`,
  values: [customer],
});

export const portfolioDaysQuery = (customer: string): SectionQuery<PortfolioDayRow> => ({
  from: ['gold.portfolio_value'],
  sql: `SELECT account_id, day, value, cash, cost, realised, roi, twr, mwr FROM gold.portfolio_value
        WHERE customer_id = $1::BIGINT AND day >= current_date - ${CHART_DAYS} ORDER BY account_id, day`,
  values: [customer],
});

export const allocationQuery = (customer: string): SectionQuery<AllocationRow> => ({
  from: ['gold.allocation'],
  sql: `SELECT account_id, symbol, asset_class, value, share FROM gold.allocation
        WHERE customer_id = $1::BIGINT ORDER BY value DESC, symbol`,
  values: [customer],
});

export const riskQuery = (customer: string): SectionQuery<RiskRow> => ({
  from: ['gold.portfolio_risk'],
  sql: 'SELECT account_id, volatility, max_drawdown FROM gold.portfolio_risk WHERE customer_id = $1::BIGINT ORDER BY account_id',
  values: [customer],
});

/** The newest price of every instrument: the same for everybody. */
export const pricesQuery = (): SectionQuery<PriceRow> => ({
  from: ['silver.instruments', 'silver.market_prices'],
  sql: `SELECT i.symbol, i.name, i.kind, i.currency, p.price, ${iso('p.priced_at')} AS priced_at FROM silver.instruments i
        JOIN (SELECT symbol, arg_max(price, tick) AS price, max(priced_at)::TIMESTAMP AS priced_at FROM silver.market_prices GROUP BY symbol) p
        ON p.symbol = i.symbol ORDER BY i.symbol`,
});

export const tradesQuery = (customer: string): SectionQuery<TradeRow> => ({
  from: ['silver.trades'],
  sql: `SELECT trade_id, account_id, symbol, side, quantity, price, amount, currency, ${iso('traded_at::TIMESTAMP')} AS traded_at
        FROM silver.trades WHERE customer_id = $1::BIGINT ORDER BY trade_id DESC LIMIT ${TRADES_MAX}`,
  values: [customer],
});

export const priceAlertsQuery = (customer: string): SectionQuery<PriceAlertRow> => ({
  from: ['silver.price_alerts', 'silver.market_prices'],
  sql: `SELECT a.price_alert_id, a.symbol, a.direction, a.price, a.enabled, p.price AS last_price,
          a.enabled <> 0 AND (CASE a.direction WHEN 'above' THEN p.price >= a.price ELSE p.price <= a.price END) AS triggered
        FROM silver.price_alerts a
        LEFT JOIN (SELECT symbol, arg_max(price, tick) AS price FROM silver.market_prices GROUP BY symbol) p ON p.symbol = a.symbol
        WHERE a.customer_id = $1::BIGINT ORDER BY a.price_alert_id DESC LIMIT 50`,
  values: [customer],
});
