// Operations: how much is paid, what fails, which merchants.

import { currencies } from './executive.ts';
import { buildDashboard, choices, type Board, type Section } from './layout.ts';
import { series, stat, table, UNIT, type Steps } from './panels.ts';

const IN_CURRENCY = 'currency IN (${currency:sqlstring})';
const CHOSEN = `${IN_CURRENCY} AND type IN (\${type:sqlstring})`;
const FAILURES: Steps = [
  [null, 'green'],
  [0.02, 'orange'],
  [0.05, 'red'],
];

const types = choices('type', 'Type', 'SELECT DISTINCT type FROM gold.daily_volumes ORDER BY type');

const totals: Section = {
  title: 'In the time range',
  rows: [
    [
      stat({
        title: 'Transactions',
        about: 'All attempts, failed ones too. gold.daily_volumes',
        unit: UNIT.count,
        decimals: 0,
        w: 5,
        sql: `SELECT coalesce(sum(transactions), 0)::bigint AS transactions FROM gold.daily_volumes WHERE $__timeFilter(day) AND ${CHOSEN}`,
      }),
      stat({
        title: 'Value posted (${currency})',
        about: 'Sum of posted transactions; volume is never revenue. gold.daily_volumes',
        unit: UNIT.money,
        decimals: 2,
        w: 5,
        sql: `SELECT coalesce(sum(amount), 0) AS value FROM gold.daily_volumes WHERE status = 'posted' AND $__timeFilter(day) AND ${CHOSEN}`,
      }),
      stat({
        title: 'Failed, by number',
        about: 'Failed / (failed + posted); reversed is not failed. gold.failure_rates',
        unit: UNIT.share,
        decimals: 2,
        w: 5,
        steps: FAILURES,
        sql: `SELECT sum(failed)::double precision / nullif(sum(failed) + sum(posted), 0) AS "failure rate" FROM gold.failure_rates
          WHERE $__timeFilter(day) AND ${CHOSEN}`,
      }),
      stat({
        title: 'Failed, by value',
        about: 'The same by amount. gold.daily_volumes',
        unit: UNIT.share,
        decimals: 2,
        w: 5,
        steps: FAILURES,
        sql: `SELECT sum(amount) FILTER (WHERE status = 'failed')::double precision / nullif(sum(amount) FILTER (WHERE status IN ('failed', 'posted')), 0)
          AS "failure rate" FROM gold.daily_volumes WHERE $__timeFilter(day) AND ${CHOSEN}`,
      }),
      stat({
        title: 'Merchants paid',
        about: 'Merchants with a posted purchase. gold.merchant_performance',
        unit: UNIT.count,
        decimals: 0,
        w: 4,
        sql: `SELECT count(DISTINCT merchant_id) AS merchants FROM gold.merchant_performance WHERE posted > 0 AND $__timeFilter(day) AND ${IN_CURRENCY}`,
      }),
    ],
  ],
};

const volumes: Section = {
  title: 'Volumes and failures',
  rows: [
    [
      series({
        title: 'Transactions by type',
        about: 'Number by day, failed ones too. gold.daily_volumes',
        unit: UNIT.count,
        style: 'stacked bars',
        w: 12,
        sql: `SELECT day AS "time", type AS metric, sum(transactions)::bigint AS transactions FROM gold.daily_volumes
          WHERE $__timeFilter(day) AND ${CHOSEN} GROUP BY day, type ORDER BY day, type`,
      }),
      series({
        title: 'Value by type (${currency})',
        about: 'Posted transactions by day. gold.daily_volumes',
        unit: UNIT.money,
        style: 'stacked bars',
        w: 12,
        sql: `SELECT day AS "time", type AS metric, sum(amount) AS amount FROM gold.daily_volumes
          WHERE status = 'posted' AND $__timeFilter(day) AND ${CHOSEN} GROUP BY day, type ORDER BY day, type`,
      }),
    ],
    [
      series({
        title: 'Failure rate by type',
        about: 'By number and day. gold.failure_rates',
        unit: UNIT.share,
        w: 12,
        steps: FAILURES,
        sql: `SELECT day AS "time", type AS metric, failure_rate FROM gold.failure_rates WHERE $__timeFilter(day) AND ${CHOSEN} ORDER BY day, type`,
      }),
      series({
        title: 'Customers at merchants: new and returning',
        about: 'Customer-merchant pairs by day; new: no posted purchase at that merchant on an earlier day. gold.merchant_performance',
        unit: UNIT.count,
        style: 'stacked bars',
        w: 12,
        sql: `SELECT day AS "time", sum(new_customers)::bigint AS new, sum(returning_customers)::bigint AS returning FROM gold.merchant_performance
          WHERE $__timeFilter(day) AND ${IN_CURRENCY} GROUP BY day ORDER BY day`,
      }),
    ],
  ],
};

const merchants: Section = {
  title: 'Merchants',
  rows: [
    [
      table({
        title: 'Largest merchants (${currency})',
        about: 'The 25 merchants with the greatest value in the time range. gold.merchant_performance, gold.dim_merchants',
        unit: UNIT.count,
        w: 24,
        h: 11,
        columns: {
          'success rate': UNIT.share,
          amount: UNIT.money,
          'average ticket': UNIT.money,
          refunds: UNIT.money,
          'refund ratio': UNIT.share,
        },
        sql: `SELECT m.name AS merchant, m.category, p.attempts, p.posted::double precision / nullif(p.posted + p.failed, 0) AS "success rate", p.amount,
            p.amount / nullif(p.posted, 0) AS "average ticket", p.refunds, p.refunds / nullif(p.amount, 0) AS "refund ratio"
          FROM (SELECT merchant_id, sum(attempts)::bigint AS attempts, sum(posted)::bigint AS posted, sum(failed)::bigint AS failed, sum(amount) AS amount, sum(refunds) AS refunds
            FROM gold.merchant_performance WHERE $__timeFilter(day) AND ${IN_CURRENCY} GROUP BY merchant_id ORDER BY amount DESC, merchant_id LIMIT 25) p
          LEFT JOIN gold.dim_merchants m ON m.merchant_id = p.merchant_id AND m.is_current ORDER BY p.amount DESC, p.merchant_id`,
      }),
    ],
    [
      series({
        title: 'Refunds (${currency})',
        about: 'Refunds, reversals of purchases and chargebacks by day. gold.merchant_performance',
        unit: UNIT.money,
        style: 'bars',
        w: 24,
        h: 7,
        sql: `SELECT day AS "time", sum(refunds) AS refunds FROM gold.merchant_performance WHERE $__timeFilter(day) AND ${IN_CURRENCY} GROUP BY day ORDER BY day`,
      }),
    ],
  ],
};

export function operations(): Board {
  return buildDashboard({
    uid: 'lf-operations',
    title: 'Operations',
    about: 'Volumes, failure rates and merchants.',
    from: 'now-30d',
    refresh: '30s',
    variables: [currencies, types],
    sections: [totals, volumes, merchants],
  });
}
