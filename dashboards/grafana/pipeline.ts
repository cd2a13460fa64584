// Pipeline: how fresh, how far behind, what is parked, what the objectives say, what publication and compaction cost.

import { buildDashboard, type Board, type Section } from './layout.ts';
import { lake, parked, parts } from './pipeline-parts.ts';
import { series, stat, table, UNIT, ZERO_IS_GOOD, type Steps } from './panels.ts';

const FRESHNESS: Steps = [
  [null, 'green'],
  [1, 'orange'],
  [5, 'red'],
];
const RUNNING: Steps = [
  [null, 'red'],
  [1, 'green'],
];

/** p50, p95 and p99 of a histogram. */
function quantiles(metric: string): { expr: string; legend: string }[] {
  return [0.5, 0.95, 0.99].map((q) => ({
    expr: `histogram_quantile(${q}, sum by (le) (rate(${metric}_bucket[$__rate_interval])))`,
    legend: `p${q * 100}`,
  }));
}

const now: Section = {
  title: 'Now',
  rows: [
    [
      stat({
        title: 'Freshness',
        about: 'Age of the newest MySQL heartbeat row that has reached gold.',
        unit: UNIT.seconds,
        decimals: 2,
        w: 4,
        steps: FRESHNESS,
        prom: [{ expr: 'ledgerflow_freshness_seconds', legend: 'freshness' }],
      }),
      stat({
        title: 'Messages behind',
        about: 'Messages in Kafka beyond the committed offsets.',
        unit: UNIT.count,
        decimals: 0,
        w: 4,
        steps: [
          [null, 'green'],
          [10_000, 'orange'],
          [1_000_000, 'red'],
        ],
        prom: [{ expr: 'sum(ledgerflow_lag_messages)', legend: 'lag' }],
      }),
      stat({
        title: 'Rows committed',
        about: 'Bronze rows a second.',
        unit: UNIT.rate,
        decimals: 0,
        w: 4,
        prom: [{ expr: 'sum(rate(ledgerflow_committed_rows_total[$__rate_interval]))', legend: 'rows/s' }],
      }),
      stat({
        title: 'Parked records',
        about: 'Records that could not be read or applied and wait for a decision (`ledgerflow dlq`).',
        unit: UNIT.count,
        decimals: 0,
        w: 4,
        steps: ZERO_IS_GOOD,
        prom: [{ expr: 'ledgerflow_parked_records', legend: 'parked' }],
      }),
      stat({
        title: 'Connector',
        about: '1 when the connector and its task run.',
        unit: UNIT.count,
        w: 4,
        steps: RUNNING,
        prom: [{ expr: 'ledgerflow_connector_running', legend: 'running' }],
      }),
      stat({
        title: 'Binlog not yet in the lake',
        about: "Bytes between the last committed position and the end of MySQL's binlog.",
        unit: UNIT.bytes,
        w: 4,
        prom: [{ expr: 'ledgerflow_mysql_binlog_behind_bytes', legend: 'behind' }],
      }),
    ],
  ],
};

const flow: Section = {
  title: 'Flow',
  rows: [
    [
      series({
        title: 'Freshness',
        about: 'Age of the newest MySQL heartbeat row in gold.',
        unit: UNIT.seconds,
        w: 8,
        steps: FRESHNESS,
        prom: [{ expr: 'ledgerflow_freshness_seconds', legend: 'freshness' }],
      }),
      series({
        title: 'Lag by topic',
        about: 'Messages beyond the committed offset.',
        unit: UNIT.count,
        w: 8,
        prom: [{ expr: 'ledgerflow_lag_messages', legend: '{{topic}}' }],
      }),
      series({
        title: 'Rows by disposition',
        about: 'What became of the messages, a second.',
        unit: UNIT.rate,
        w: 8,
        style: 'stacked bars',
        prom: [{ expr: 'sum by (disposition) (rate(ledgerflow_committed_rows_total[$__rate_interval]))', legend: '{{disposition}}' }],
      }),
    ],
    [
      series({
        title: 'Commit',
        about: 'Time of one commit of the working store.',
        unit: UNIT.seconds,
        w: 8,
        prom: quantiles('ledgerflow_commit_duration_seconds'),
      }),
      series({
        title: 'Gold refresh',
        about: 'Time to refresh and check gold after a commit.',
        unit: UNIT.seconds,
        w: 8,
        prom: quantiles('ledgerflow_gold_refresh_duration_seconds'),
      }),
      series({
        title: 'Readers',
        about: 'Time of one statement at the PostgreSQL endpoint.',
        unit: UNIT.seconds,
        w: 8,
        prom: quantiles('ledgerflow_wire_query_duration_seconds'),
      }),
    ],
  ],
};

const objectives: Section = {
  title: 'Objectives',
  rows: [
    [
      table({
        title: 'Objectives by table, in the time range',
        about: 'Share of good rows or minutes, and the error budget burnt at 99.9 %: above 1 the budget does not last. gold.pipeline_slo',
        unit: UNIT.count,
        w: 12,
        columns: { good: UNIT.share },
        sql: `SELECT table_name AS "table", slo AS objective, sum(good)::double precision / nullif(sum(total), 0) AS good,
            (1 - sum(good)::double precision / nullif(sum(total), 0)) / 0.001 AS "burn rate"
          FROM gold.pipeline_slo WHERE $__timeFilter(minute) GROUP BY table_name, slo ORDER BY good, table_name, slo`,
      }),
      series({
        title: 'Not good, by objective',
        about: 'Share that missed its objective. gold.pipeline_slo',
        unit: UNIT.share,
        w: 12,
        sql: `SELECT $__timeGroup(minute, $__interval) AS "time", slo AS metric, 1 - sum(good)::double precision / nullif(sum(total), 0) AS missed
          FROM gold.pipeline_slo WHERE $__timeFilter(minute) GROUP BY 1, 2 ORDER BY 1, 2`,
      }),
    ],
  ],
};

export function pipeline(): Board {
  return buildDashboard({
    uid: 'lf-pipeline',
    title: 'Pipeline',
    about: 'Freshness, lag, objectives, parked records, publication, and the parts it runs on.',
    from: 'now-1h',
    refresh: '10s',
    variables: [],
    sections: [now, flow, objectives, parked, lake, parts],
  });
}
