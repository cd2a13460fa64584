// Alert rules that Grafana evaluates over the same two data sources, in the form of its provisioning files.
// Burn-rate alerts are Prometheus rules (infra/prometheus); here stands what a reader of SQL can see.

import { LEDGERFLOW, PROMETHEUS, sqlTarget } from './query.ts';

const FOLDER = 'LedgerFlow';
const EXPRESSION = '__expr__';

interface AlertSpec {
  readonly uid: string;
  readonly title: string;
  /** One number, or one for each row with text columns as labels. */
  readonly query: { readonly sql: string } | { readonly prom: string };
  readonly above: number;
  /** How long it must hold, as in `5m`. */
  readonly for: string;
  readonly severity: 'page' | 'warn';
  readonly summary: string;
  readonly remedy: string;
  readonly dashboard: string;
}

export const ALERTS: readonly AlertSpec[] = [
  {
    uid: 'lf-alert-out-of-balance',
    title: 'The ledger is out of balance',
    query: {
      sql: `SELECT currency, abs(sum(balance))::double precision AS difference FROM gold.dim_accounts WHERE currency IS NOT NULL GROUP BY currency`,
    },
    above: 0,
    for: '1m',
    severity: 'page',
    summary: 'Credits and debits differ in {{ $labels.currency }}.',
    remedy: '`ledgerflow validate` names the rows.',
    dashboard: 'lf-integrity',
  },
  {
    uid: 'lf-alert-gold-held',
    title: 'Gold is held',
    query: { sql: 'SELECT count(held_reason)::double precision AS held FROM ops.gold_state' },
    above: 0,
    for: '2m',
    severity: 'page',
    summary: 'A blocking check holds gold at an older commit; readers see the last good state.',
    remedy: 'The dashboard names the check; it closes by itself when mended.',
    dashboard: 'lf-integrity',
  },
  {
    uid: 'lf-alert-drift',
    title: 'Balances drift from the entries',
    query: {
      sql: `SELECT count(*)::double precision AS accounts FROM silver.accounts s JOIN gold.dim_accounts g ON g.account_id = s.account_id WHERE s.balance <> g.balance`,
    },
    above: 0,
    for: '5m',
    severity: 'page',
    summary: 'The balance row of some accounts is not the sum of their entries.',
    remedy: '`ledgerflow bank verify-chain` and docs/bank-audit.md.',
    dashboard: 'lf-integrity',
  },
  {
    uid: 'lf-alert-parked',
    title: 'Records are parked',
    query: { sql: `SELECT count(*)::double precision AS records FROM ops.parked WHERE status IN ('parked', 'waiting')` },
    above: 0,
    for: '5m',
    severity: 'warn',
    summary: 'Records could not be read or applied and wait for a decision.',
    remedy: '`ledgerflow dlq list`.',
    dashboard: 'lf-pipeline',
  },
  {
    uid: 'lf-alert-failures',
    title: 'Many transactions fail',
    query: {
      sql: `SELECT type, sum(failed)::double precision / nullif(sum(failed) + sum(posted), 0) AS rate FROM gold.failure_rates
        WHERE day >= (now() - interval '1 day')::date GROUP BY type HAVING sum(failed) + sum(posted) >= 100`,
    },
    above: 0.05,
    for: '15m',
    severity: 'warn',
    summary: 'More than 5 % of the {{ $labels.type }} transactions since yesterday failed.',
    remedy: 'The dashboard shows since when and which type.',
    dashboard: 'lf-operations',
  },
  {
    uid: 'lf-alert-stale',
    title: 'Gold is stale',
    query: { prom: 'max(ledgerflow_freshness_seconds)' },
    above: 5,
    for: '1m',
    severity: 'page',
    summary: 'The newest heartbeat in gold is older than its objective.',
    remedy: 'docs/runbook.md, "Lag".',
    dashboard: 'lf-pipeline',
  },
  {
    uid: 'lf-alert-connector',
    title: 'The connector does not run',
    query: { prom: '1 - min(ledgerflow_connector_running)' },
    above: 0,
    for: '1m',
    severity: 'page',
    summary: 'The connector or its task does not run: nothing new arrives.',
    remedy: '`ledgerflow connector status`, then docs/runbook.md.',
    dashboard: 'lf-pipeline',
  },
];

/** The provisioning file. */
export function alertingFile(): object {
  return { apiVersion: 1, groups: [{ orgId: 1, name: 'ledgerflow', folder: FOLDER, interval: '1m', rules: ALERTS.map(rule) }] };
}

function rule(alert: AlertSpec): object {
  return {
    uid: alert.uid,
    title: alert.title,
    condition: 'C',
    data: [question(alert), threshold(alert.above)],
    // No row is good news for SQL; Prometheus without data means that the processor is not scraped.
    noDataState: 'sql' in alert.query ? 'OK' : 'NoData',
    execErrState: 'Error',
    for: alert.for,
    annotations: { summary: alert.summary, remedy: alert.remedy, __dashboardUid__: alert.dashboard },
    labels: { severity: alert.severity },
    isPaused: false,
  };
}

function question({ query }: AlertSpec): object {
  const time = { relativeTimeRange: { from: 600, to: 0 } };
  if ('sql' in query) return { refId: 'A', ...time, datasourceUid: LEDGERFLOW.uid, model: sqlTarget(query.sql, 'table') };
  const model = { refId: 'A', datasource: PROMETHEUS, expr: query.prom, instant: true, range: false };
  return { refId: 'A', ...time, datasourceUid: PROMETHEUS.uid, model };
}

function threshold(above: number): object {
  const datasource = { type: EXPRESSION, uid: EXPRESSION };
  const conditions = [{ evaluator: { type: 'gt', params: [above] } }];
  return {
    refId: 'C',
    relativeTimeRange: { from: 0, to: 0 },
    datasourceUid: EXPRESSION,
    model: { refId: 'C', type: 'threshold', datasource, expression: 'A', conditions },
  };
}
