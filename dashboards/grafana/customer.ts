// Customer 360: everything gold knows of one customer.

import { buildDashboard, choice, type Board, type Section } from './layout.ts';
import { gauges, pie, series, stat, table, UNIT, type Steps } from './panels.ts';

const MINE = 'customer_id = ${customer:sqlstring}::bigint';
const IN_MONTHS = `month BETWEEN date_trunc('month', $__timeFrom()::timestamp) AND $__timeTo()::timestamp`;
const BUDGET: Steps = [
  [null, 'green'],
  [50, 'yellow'],
  [80, 'orange'],
  [100, 'red'],
];

/** Any number may be typed; the list offers the first ones. */
const customers = choice(
  'customer',
  'Customer',
  `SELECT customer_id::text AS __value, coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' (' || customer_id || ')' AS __text
    FROM gold.dim_customers ORDER BY customer_id LIMIT 1000`,
).allowCustomValue(true);

const who: Section = {
  title: 'Customer',
  rows: [
    [
      table({
        title: 'Customer',
        about: 'Segment: prospect, new, active, lapsing or dormant, by the last activity. gold.dim_customers',
        unit: UNIT.count,
        w: 12,
        h: 4,
        sql: `SELECT customer_id::text AS customer, first_name AS "first name", last_name AS "last name", segment, created_at AS since, last_active AS "last active"
          FROM gold.dim_customers WHERE ${MINE}`,
      }),
      stat({
        title: 'Balance',
        about: 'Credits minus debits of all entries of the customer’s accounts, by currency. gold.dim_accounts',
        unit: UNIT.money,
        decimals: 2,
        w: 6,
        each: true,
        sql: `SELECT currency, sum(balance) AS balance FROM gold.dim_accounts WHERE ${MINE} GROUP BY currency ORDER BY currency`,
      }),
      stat({
        title: 'Lifetime value so far',
        about: 'Net revenue since the first activity, by currency. gold.customer_ltv',
        unit: UNIT.money,
        decimals: 2,
        w: 6,
        each: true,
        sql: `SELECT currency, observed FROM gold.customer_ltv WHERE ${MINE} ORDER BY currency`,
      }),
    ],
    [
      table({
        title: 'Accounts',
        about: 'Balance = credits minus debits. gold.dim_accounts',
        unit: UNIT.count,
        w: 12,
        columns: { balance: UNIT.money },
        sql: `SELECT account_id::text AS account, account_type AS type, currency, status, balance, entries FROM gold.dim_accounts WHERE ${MINE} ORDER BY account_id`,
      }),
      series({
        title: 'Balance by account',
        about: 'At the end of each day with activity. gold.daily_account_balances',
        unit: UNIT.money,
        w: 12,
        sql: `SELECT b.day AS "time", b.account_id || ' ' || b.currency AS metric, b.closing FROM gold.daily_account_balances b
          JOIN gold.dim_accounts a ON a.account_id = b.account_id WHERE a.${MINE} AND $__timeFilter(b.day) ORDER BY b.day, b.account_id`,
      }),
    ],
  ],
};

const spending: Section = {
  title: 'Spending',
  rows: [
    [
      gauges({
        title: 'Budgets of the month: used',
        about:
          'Purchases net of refunds against the limit, in the month in which the time range ends; steps at 50, 80 and 100 %. gold.budgets',
        unit: UNIT.percent,
        decimals: 0,
        w: 8,
        steps: BUDGET,
        max: 120,
        sql: `SELECT category || ' ' || currency AS category, used_percent AS used FROM gold.budgets
          WHERE ${MINE} AND month = date_trunc('month', $__timeTo()::timestamp) ORDER BY used_percent DESC`,
      }),
      series({
        title: 'Spending by category',
        about: 'Purchases net of refunds by month. gold.spend_by_category',
        unit: UNIT.money,
        style: 'stacked bars',
        w: 10,
        sql: `SELECT month AS "time", category || ' ' || currency AS metric, net FROM gold.spend_by_category WHERE ${MINE} AND ${IN_MONTHS} ORDER BY month, category`,
      }),
      stat({
        title: 'Cashback paid',
        about: 'Earned less taken back, in the months of the time range. gold.cashback',
        unit: UNIT.money,
        decimals: 2,
        w: 6,
        h: 8,
        each: true,
        sql: `SELECT currency, sum(paid) AS paid FROM gold.cashback WHERE ${MINE} AND ${IN_MONTHS} GROUP BY currency ORDER BY currency`,
      }),
    ],
    [
      table({
        title: 'Top merchants',
        about: 'Posted purchases in the months of the time range. gold.top_merchants',
        unit: UNIT.count,
        w: 12,
        columns: { spent: UNIT.money },
        sql: `SELECT merchant, category, currency, sum(spent) AS spent, sum(purchases)::bigint AS purchases FROM gold.top_merchants
          WHERE ${MINE} AND ${IN_MONTHS} GROUP BY merchant, category, currency ORDER BY spent DESC, merchant LIMIT 20`,
      }),
      table({
        title: 'Subscriptions',
        about:
          'Same merchant, similar amount, regular cadence; EARLY until three payments, TOMBSTONED when the next one is missed. gold.subscriptions',
        unit: UNIT.count,
        w: 12,
        columns: { amount: UNIT.money, before: UNIT.money },
        sql: `SELECT merchant, cadence, status, currency, amount, previous_amount AS before, last_date AS "last", next_date AS "next", occurrences AS payments
          FROM gold.subscriptions WHERE ${MINE} ORDER BY status, next_date, merchant LIMIT 50`,
      }),
    ],
    [
      table({
        title: 'Latest transactions',
        about: 'Failed ones too. gold.fct_transactions',
        unit: UNIT.count,
        w: 24,
        columns: { amount: UNIT.money },
        sql: `SELECT event_ts AS at, transaction_id::text AS transaction, type, status, amount, currency, channel FROM gold.fct_transactions
          WHERE ${MINE} AND $__timeFilter(event_ts) ORDER BY event_ts DESC, transaction_id DESC LIMIT 50`,
      }),
    ],
  ],
};

const investments: Section = {
  title: 'Investments',
  rows: [
    [
      series({
        title: 'Portfolio value',
        about: 'Holdings at the last prices of the day, and cash. gold.portfolio_value',
        unit: UNIT.money,
        w: 10,
        sql: `SELECT day AS "time", 'account ' || account_id AS metric, value FROM gold.portfolio_value WHERE ${MINE} AND $__timeFilter(day) ORDER BY day, account_id`,
      }),
      stat({
        title: 'Returns',
        about:
          'Return on what was invested (ROI), time-weighted and money-weighted (a year), at the last day of the time range. gold.portfolio_value',
        unit: UNIT.share,
        decimals: 2,
        w: 4,
        h: 8,
        sql: `SELECT roi AS "ROI", twr AS "TWR", mwr AS "MWR" FROM gold.portfolio_value WHERE ${MINE} AND $__timeFilter(day) ORDER BY day DESC, value DESC LIMIT 1`,
      }),
      pie({
        title: 'Allocation',
        about: 'Market value by asset class, cash included. gold.allocation',
        unit: UNIT.money,
        w: 5,
        sql: `SELECT asset_class, sum(value) AS value FROM gold.allocation WHERE ${MINE} AND value > 0 GROUP BY asset_class ORDER BY value DESC`,
      }),
      stat({
        title: 'Risk',
        about: 'Volatility: standard deviation of daily returns x sqrt(252). Drawdown: greatest fall from a high. gold.portfolio_risk',
        unit: UNIT.share,
        decimals: 1,
        w: 5,
        h: 8,
        sql: `SELECT max(volatility) AS volatility, max(max_drawdown) AS "greatest drawdown" FROM gold.portfolio_risk WHERE ${MINE}`,
      }),
    ],
    [
      table({
        title: 'Holdings',
        about: 'Cost first in, first out. gold.holdings',
        unit: UNIT.money,
        w: 24,
        h: 7,
        columns: { quantity: UNIT.count },
        sql: `SELECT account_id::text AS account, symbol, quantity, cost_basis AS cost, last_price AS price, market_value AS value, unrealised FROM gold.holdings
          WHERE ${MINE} ORDER BY market_value DESC, symbol`,
      }),
    ],
  ],
};

export function customer360(): Board {
  return buildDashboard({
    uid: 'lf-customer',
    title: 'Customer 360',
    about: 'Accounts, spending, budgets, subscriptions and investments of one customer.',
    from: 'now-180d',
    refresh: '30s',
    variables: [customers],
    sections: [who, spending, investments],
  });
}
