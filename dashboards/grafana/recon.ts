// Reconciliation: how much of the statements is matched, what is open with how much money and for how long, the runs, and the pipeline
// against itself.

import { buildDashboard, choices, type Board, type Section } from './layout.ts';
import { bars, series, stat, table, UNIT, ZERO_IS_GOOD } from './panels.ts';

const CHOSEN = 'source IN (${source:sqlstring})';
const IN_RANGE = '$__timeFilter(business_date::timestamp)';
/** The last attempt of each source and day. */
const LAST = `(SELECT *, row_number() OVER (PARTITION BY source, business_date ORDER BY attempt DESC) AS newest FROM gold.recon_summary WHERE ${IN_RANGE} AND ${CHOSEN})`;
const OPEN = `gold.recon_breaks WHERE state <> 'resolved' AND ${CHOSEN}`;

const sources = choices('source', 'Source', 'SELECT DISTINCT source FROM ops.recon_runs ORDER BY source');

const now: Section = {
  title: 'Breaks, as of now',
  rows: [
    [
      stat({
        title: 'Matched',
        about:
          'Rows of statements that are matched, of all rows, in the last attempt of each source and day of the time range. gold.recon_summary',
        unit: UNIT.share,
        decimals: 2,
        w: 5,
        steps: [
          [null, 'red'],
          [0.9, 'orange'],
          [0.98, 'green'],
        ],
        sql: `SELECT sum(matched_external)::double precision / nullif(sum(external_rows), 0) AS share FROM ${LAST} s WHERE newest = 1`,
      }),
      stat({
        title: 'Open breaks',
        about: 'Breaks that are not resolved, whatever their day. gold.recon_breaks',
        unit: UNIT.count,
        w: 5,
        sql: `SELECT count(*) AS breaks FROM ${OPEN}`,
      }),
      stat({
        title: 'Late breaks',
        about: 'Breaks that are not resolved and past the time that their source gives. gold.recon_breaks',
        unit: UNIT.count,
        w: 5,
        steps: ZERO_IS_GOOD,
        sql: `SELECT count(*) FILTER (WHERE overdue) AS breaks FROM ${OPEN}`,
      }),
      stat({
        title: 'Oldest open break',
        about: 'Time since the day of the oldest row that is in an open break. gold.recon_breaks',
        unit: UNIT.seconds,
        w: 5,
        sql: `SELECT coalesce(max(age_days), 0) * 86400 AS age FROM ${OPEN}`,
      }),
      stat({
        title: 'Runs refused or failed',
        about:
          'Statements of days of the time range that were not compared: they do not tie, cannot be read, or a stage failed. ops.recon_runs',
        unit: UNIT.count,
        w: 4,
        steps: ZERO_IS_GOOD,
        sql: `SELECT count(*) FILTER (WHERE state IN ('refused', 'failed')) AS runs FROM ops.recon_runs WHERE ${IN_RANGE} AND ${CHOSEN}`,
      }),
    ],
    [
      bars({
        title: 'Open breaks by reason',
        about: 'Why rows are not matched. gold.recon_breaks',
        unit: UNIT.count,
        x: 'reason',
        w: 8,
        sql: `SELECT reason, count(*) AS breaks FROM ${OPEN} GROUP BY reason ORDER BY breaks DESC, reason`,
      }),
      bars({
        title: 'Open breaks by age',
        about: 'Days since the earliest row of the break was booked. gold.recon_breaks',
        unit: UNIT.count,
        x: 'days',
        w: 8,
        sql: `SELECT age_bucket AS days, count(*) AS breaks, count(*) FILTER (WHERE overdue) AS late FROM ${OPEN} GROUP BY age_bucket ORDER BY min(age_days)`,
      }),
      table({
        title: 'Money at risk',
        about: 'By currency: the larger side of every open break added up, and what the two sides differ by. gold.recon_breaks',
        unit: UNIT.money,
        w: 8,
        columns: { breaks: UNIT.count, late: UNIT.count },
        sql: `SELECT currency, sum(exposure) AS "at risk", sum(difference) AS difference, max(exposure) AS largest, count(*) AS breaks, count(*) FILTER (WHERE overdue) AS late
          FROM ${OPEN} GROUP BY currency ORDER BY currency`,
      }),
    ],
    [
      table({
        title: 'Late and largest breaks',
        about: 'The 50 that somebody should look at first; the operator page works on them. gold.recon_breaks',
        unit: UNIT.count,
        w: 24,
        columns: { difference: UNIT.money, 'at risk': UNIT.money },
        sql: `SELECT break_id AS "break", source, business_date AS day, reason, state, owner, currency, difference, exposure AS "at risk", age_days AS "age in days", overdue AS late, why
          FROM ${OPEN} ORDER BY overdue DESC, exposure DESC, break_id LIMIT 50`,
      }),
    ],
  ],
};

const runs: Section = {
  title: 'Runs of the time range',
  rows: [
    [
      series({
        title: 'Matched by day',
        about:
          'Share of the rows of a statement that are matched, by source, in the last attempt of each business date. gold.recon_summary',
        unit: UNIT.share,
        max: 1,
        w: 12,
        sql: `SELECT business_date::timestamp AS "time", source AS metric, match_rate::double precision AS share FROM ${LAST} s WHERE newest = 1 AND match_rate IS NOT NULL ORDER BY 1, 2`,
      }),
      series({
        title: 'Breaks found by day',
        about: 'Breaks of the last attempt of each business date, by source. gold.recon_summary',
        unit: UNIT.count,
        style: 'stacked bars',
        w: 12,
        sql: `SELECT business_date::timestamp AS "time", source AS metric, breaks FROM ${LAST} s WHERE newest = 1 ORDER BY 1, 2`,
      }),
    ],
    [
      table({
        title: 'Runs',
        about: 'Every attempt of the time range, newest first, with what it matched by tier. ops.recon_runs, gold.recon_summary',
        unit: UNIT.count,
        w: 24,
        h: 10,
        columns: { matched: UNIT.share },
        sql: `SELECT r.run_id AS run, r.business_date AS day, r.source, r.attempt, r.state, s.match_rate::double precision AS matched, s.external_rows AS "their rows", s.internal_rows AS "our rows", s.exact, s.fuzzy, s.grouped,
            s.breaks, s.expected, s.parked, s.new_breaks AS "new", s.resolved_breaks AS resolved, r.requested_by AS "by", r.error
          FROM ops.recon_runs r LEFT JOIN gold.recon_summary s ON s.run_id = r.run_id WHERE $__timeFilter(r.business_date::timestamp) AND r.source IN (\${source:sqlstring}) ORDER BY r.run_id DESC LIMIT 100`,
      }),
    ],
  ],
};

const NEWEST_SELF = '(SELECT max(run_id) FROM gold.self_reconciliation)';

const itself: Section = {
  title: 'The pipeline against itself',
  rows: [
    [
      stat({
        title: 'Counts that differ',
        about: 'Of the newest run: tables and hours whose two ends do not agree in rows or sums. gold.self_reconciliation',
        unit: UNIT.count,
        w: 6,
        steps: ZERO_IS_GOOD,
        sql: `SELECT count(*) FILTER (WHERE status = 'different') AS counts FROM gold.self_reconciliation WHERE run_id = ${NEWEST_SELF}`,
      }),
      stat({
        title: 'Age of the newest run',
        about: 'Time since MySQL, Kafka, bronze, silver and gold were last counted at one barrier. gold.self_reconciliation',
        unit: UNIT.seconds,
        w: 6,
        sql: `SELECT extract(epoch from now()) - extract(epoch from max(taken_at)) AS age FROM gold.self_reconciliation`,
      }),
      table({
        title: 'Legs of the newest run',
        about: 'How many tables and hours of each leg agree, differ, or could not be proven. gold.self_reconciliation',
        unit: UNIT.count,
        w: 12,
        sql: `SELECT left_stage AS "from", right_stage AS "to", count(*) FILTER (WHERE status = 'equal') AS equal, count(*) FILTER (WHERE status = 'different') AS different,
            count(*) FILTER (WHERE status NOT IN ('equal', 'different')) AS unproven, sum(left_rows)::bigint AS rows
          FROM gold.self_reconciliation WHERE run_id = ${NEWEST_SELF} GROUP BY left_stage, right_stage, leg ORDER BY leg`,
      }),
    ],
  ],
};

export function recon(): Board {
  return buildDashboard({
    uid: 'lf-recon',
    title: 'Reconciliation',
    about: 'Statements against the ledger: matched, open, late, at risk; and the pipeline against itself.',
    from: 'now-90d',
    refresh: '30s',
    variables: [sources],
    sections: [now, runs, itself],
  });
}
