// Executive: revenue, deposits, active customers, cohorts and lifetime value. Opens first.

import { buildDashboard, choice, type Board, type Section } from './layout.ts';
import { bars, series, stat, table, UNIT } from './panels.ts';

const IN_CURRENCY = 'currency IN (${currency:sqlstring})';
/** A month counts when any of its days is in the time range. */
const IN_MONTHS = `month BETWEEN date_trunc('month', $__timeFrom()::timestamp) AND $__timeTo()::timestamp`;

export const currencies = choice(
  'currency',
  'Currency',
  `SELECT currency FROM (SELECT DISTINCT currency FROM gold.net_deposits) c ORDER BY currency = 'USD' DESC, currency`,
);

const atAGlance: Section = {
  title: 'At a glance',
  rows: [
    [
      stat({
        title: 'Net revenue this month (${currency})',
        about:
          'Gross revenue less refunded fees, chargebacks and cashback, in the month in which the time range ends. gold.monthly_revenue',
        unit: UNIT.money,
        decimals: 2,
        w: 5,
        sql: `SELECT coalesce(sum(net), 0) AS "net revenue" FROM gold.monthly_revenue
          WHERE month = date_trunc('month', $__timeTo()::timestamp) AND ${IN_CURRENCY}`,
      }),
      stat({
        title: 'Net deposits (${currency})',
        about: "Deposits less withdrawals in the time range; transfers between a customer's own accounts are neither. gold.net_deposits",
        unit: UNIT.money,
        decimals: 2,
        w: 5,
        sql: `SELECT coalesce(sum(net), 0) AS "net deposits" FROM gold.net_deposits WHERE $__timeFilter(day) AND ${IN_CURRENCY}`,
      }),
      stat({
        title: 'Customers active in 30 days',
        about: 'Customers with a posted movement of their own in the 30 days up to the last day of the time range. gold.active_users',
        unit: UNIT.count,
        decimals: 0,
        w: 5,
        sql: `SELECT active_30d AS customers FROM gold.active_users WHERE $__timeFilter(day) ORDER BY day DESC LIMIT 1`,
      }),
      stat({
        title: 'Churn',
        about:
          'Of the customers active 60 to 30 days before, the share that has left since, or taken nine tenths of the money away. gold.churn_proxy',
        unit: UNIT.share,
        decimals: 1,
        w: 4,
        steps: [
          [null, 'green'],
          [0.05, 'orange'],
          [0.1, 'red'],
        ],
        sql: `SELECT churn_rate AS churn FROM gold.churn_proxy WHERE $__timeFilter(day) ORDER BY day DESC LIMIT 1`,
      }),
      stat({
        title: 'Lifetime value of a customer (${currency})',
        about: 'Mean net revenue of a customer since the first activity. gold.customer_ltv',
        unit: UNIT.money,
        decimals: 2,
        w: 5,
        sql: `SELECT avg(observed) AS observed FROM gold.customer_ltv WHERE ${IN_CURRENCY}`,
      }),
    ],
  ],
};

const revenue: Section = {
  title: 'Revenue and deposits',
  rows: [
    [
      series({
        title: 'Revenue by month (${currency})',
        about: 'Contra is shown below zero: fees refunded or reversed, chargebacks, cashback. gold.monthly_revenue',
        unit: UNIT.money,
        style: 'bars',
        w: 12,
        sql: `SELECT month AS "time", sum(gross) AS gross, -sum(contra) AS contra, sum(net) AS net FROM gold.monthly_revenue
          WHERE ${IN_MONTHS} AND ${IN_CURRENCY} GROUP BY month ORDER BY month`,
      }),
      series({
        title: 'Fee revenue by account (${currency})',
        about: 'Movement of the fee income accounts. gold.fee_revenue',
        unit: UNIT.money,
        style: 'stacked bars',
        w: 12,
        sql: `SELECT month AS "time", 'account ' || account_id AS metric, sum(amount) AS amount FROM gold.fee_revenue
          WHERE ${IN_MONTHS} AND ${IN_CURRENCY} GROUP BY month, account_id ORDER BY month, account_id`,
      }),
    ],
    [
      series({
        title: 'Deposits and withdrawals (${currency})',
        about: 'Withdrawals are shown below zero. gold.net_deposits',
        unit: UNIT.money,
        style: 'bars',
        w: 12,
        sql: `SELECT day AS "time", sum(deposits) AS deposits, -sum(withdrawals) AS withdrawals, sum(net) AS net FROM gold.net_deposits
          WHERE $__timeFilter(day) AND ${IN_CURRENCY} GROUP BY day ORDER BY day`,
      }),
      series({
        title: 'Active customers',
        about: 'Customers with a posted movement of their own within 1, 7 and 30 days. gold.active_users',
        unit: UNIT.count,
        w: 12,
        sql: `SELECT day AS "time", active_1d AS "1 day", active_7d AS "7 days", active_30d AS "30 days" FROM gold.active_users
          WHERE $__timeFilter(day) ORDER BY day`,
      }),
    ],
  ],
};

const customers: Section = {
  title: 'Cohorts and lifetime value',
  rows: [
    [
      table({
        title: 'Cohorts: share still active, by months since the first deposit',
        about: 'A cohort is the customers whose first posted deposit was in that month. gold.cohorts',
        unit: UNIT.share,
        decimals: 0,
        w: 14,
        h: 10,
        steps: [
          [null, 'red'],
          [0.3, 'orange'],
          [0.6, 'green'],
        ],
        matrix: { column: 'months since', row: 'cohort', value: 'active share' },
        sql: `SELECT strftime(cohort_month, '%Y-%m') AS cohort, date_diff('month', cohort_month, month)::text AS "months since",
          active::double precision / nullif(customers, 0) AS "active share" FROM gold.cohorts
          WHERE ${IN_MONTHS} ORDER BY cohort_month, month`,
      }),
      bars({
        title: 'Lifetime value by segment (${currency})',
        about:
          'Observed: net revenue so far. Projected: expected from now on; the two are never added. gold.customer_ltv, gold.dim_customers',
        unit: UNIT.money,
        decimals: 2,
        w: 10,
        h: 10,
        x: 'segment',
        sql: `SELECT c.segment, avg(l.observed) AS observed, avg(l.projected) AS projected FROM gold.customer_ltv l
          JOIN gold.dim_customers c ON c.customer_id = l.customer_id WHERE l.currency IN (\${currency:sqlstring}) GROUP BY c.segment ORDER BY c.segment`,
      }),
    ],
    [
      series({
        title: 'Churn',
        about: 'See "Churn" above. gold.churn_proxy',
        unit: UNIT.share,
        w: 24,
        h: 7,
        sql: `SELECT day AS "time", churn_rate AS churn FROM gold.churn_proxy WHERE $__timeFilter(day) ORDER BY day`,
      }),
    ],
  ],
};

export function executive(): Board {
  return buildDashboard({
    uid: 'lf-executive',
    title: 'Executive',
    about: 'Revenue, deposits, active customers, cohorts and lifetime value, in one currency.',
    from: 'now-180d',
    refresh: '1m',
    variables: [currencies],
    sections: [atAGlance, revenue, customers],
  });
}
