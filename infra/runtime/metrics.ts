// Every metric, declared once with kind, unit and help; docs/metrics.md is generated from here.
// Gauges that describe the pipeline start absent, not zero: nothing known must not look like nothing wrong.

import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { SOURCE_METRICS } from './metrics-source.ts';
import { WORK_METRICS } from './metrics-work.ts';

export interface MetricDeclaration {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly unit: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly buckets?: readonly number[];
}

const fineSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const rows = [1, 10, 100, 500, 1_000, 2_500, 5_000, 10_000, 16_000, 32_000, 64_000, 128_000];

export const METRICS = {
  ...SOURCE_METRICS,
  fetchedMessages: { kind: 'counter', name: 'ledgerflow_fetched_messages_total', unit: 'messages', help: 'Messages fetched from Kafka.' },
  stagedMessages: {
    kind: 'gauge',
    name: 'ledgerflow_staged_messages',
    unit: 'messages',
    help: 'Messages fetched that wait for the end of their source transaction.',
  },
  committedRows: {
    kind: 'counter',
    name: 'ledgerflow_committed_rows_total',
    unit: 'rows',
    help: 'Bronze rows committed, by disposition (applied, duplicate, tombstone, control, parked).',
    labels: ['disposition'],
  },
  commits: { kind: 'counter', name: 'ledgerflow_commits_total', unit: 'commits', help: 'Commits of the working store.' },
  commitSeconds: {
    kind: 'histogram',
    name: 'ledgerflow_commit_duration_seconds',
    unit: 'seconds',
    help: 'Time of one commit of the working store.',
    buckets: fineSeconds,
  },
  commitRows: { kind: 'histogram', name: 'ledgerflow_commit_rows', unit: 'rows', help: 'Bronze rows in one commit.', buckets: rows },
  lagMessages: {
    kind: 'gauge',
    name: 'ledgerflow_lag_messages',
    unit: 'messages',
    help: 'Messages in Kafka beyond the committed offset; absent while unknown.',
    labels: ['topic'],
  },
  freshnessSeconds: {
    kind: 'gauge',
    name: 'ledgerflow_freshness_seconds',
    unit: 'seconds',
    help: 'Age of the newest MySQL heartbeat row that has reached gold; absent while unknown.',
  },
  goldRefreshSeconds: {
    kind: 'histogram',
    name: 'ledgerflow_gold_refresh_duration_seconds',
    unit: 'seconds',
    help: 'Time to refresh and check gold after one commit.',
    buckets: fineSeconds,
  },
  goldHeld: {
    kind: 'gauge',
    name: 'ledgerflow_gold_held',
    unit: 'boolean',
    help: '1 while a failed check holds gold at an older commit, else 0; absent before the first refresh.',
  },
  parkedRecords: {
    kind: 'gauge',
    name: 'ledgerflow_parked_records',
    unit: 'records',
    help: 'Records parked because they could not be read or applied, still open; absent while unknown.',
  },
  parkedFlood: {
    kind: 'gauge',
    name: 'ledgerflow_parked_flood',
    unit: 'boolean',
    help: '1 while a flood of parked records pauses ingestion (LF_PARKED_FLOOD), else 0.',
  },
  deadLetters: {
    kind: 'counter',
    name: 'ledgerflow_dead_letters_total',
    unit: 'messages',
    help: 'Parked records produced to the dead-letter topic.',
  },
  heldTables: {
    kind: 'gauge',
    name: 'ledgerflow_held_tables',
    unit: 'tables',
    help: 'Tables held at an older state since a schema change that may have changed rows in silence; absent while unknown.',
  },
  publicationSeconds: {
    kind: 'histogram',
    name: 'ledgerflow_publication_duration_seconds',
    unit: 'seconds',
    help: 'Time of one publication of the lake.',
    buckets: fineSeconds,
  },
  publishedCommit: {
    kind: 'gauge',
    name: 'ledgerflow_published_commit',
    unit: 'commit id',
    help: 'Commit of the working store the lake was last published at; absent before the first publication.',
  },
  committedCommit: {
    kind: 'gauge',
    name: 'ledgerflow_committed_commit',
    unit: 'commit id',
    help: 'Last commit of the working store; absent before the first one.',
  },
  verifiedAt: {
    kind: 'gauge',
    name: 'ledgerflow_verified_timestamp_seconds',
    unit: 'unix time',
    help: 'When a table was last found equal, by layer: store (MySQL against the working store), lake (the store against the published files).',
    labels: ['table', 'layer'],
  },
  verifyDifferences: {
    kind: 'gauge',
    name: 'ledgerflow_verify_differences',
    unit: 'rows',
    help: 'Differing rows that the last comparison of a table named (50 at most), by layer; 0 when it was equal.',
    labels: ['table', 'layer'],
  },
  wireConnections: {
    kind: 'gauge',
    name: 'ledgerflow_wire_connections',
    unit: 'connections',
    help: 'Open connections to the PostgreSQL endpoint; absent until it listens.',
  },
  wireQueries: {
    kind: 'counter',
    name: 'ledgerflow_wire_queries_total',
    unit: 'statements',
    help: 'Statements run through the PostgreSQL endpoint.',
  },
  wireErrors: {
    kind: 'counter',
    name: 'ledgerflow_wire_errors_total',
    unit: 'errors',
    help: 'Statements refused or failed at the PostgreSQL endpoint, by SQLSTATE.',
    labels: ['sqlstate'],
  },
  wireQuerySeconds: {
    kind: 'histogram',
    name: 'ledgerflow_wire_query_duration_seconds',
    unit: 'seconds',
    help: 'Time of one statement at the PostgreSQL endpoint.',
    buckets: fineSeconds,
  },
  connectorRunning: {
    kind: 'gauge',
    name: 'ledgerflow_connector_running',
    unit: 'boolean',
    help: '1 when the connector and its task run, 0 when either does not; absent while unknown.',
  },
  connectorRestarts: {
    kind: 'counter',
    name: 'ledgerflow_connector_restarts_total',
    unit: 'restarts',
    help: "Restarts of the connector's task.",
  },
  ...WORK_METRICS,
  residentBytes: { kind: 'gauge', name: 'ledgerflow_resident_memory_bytes', unit: 'bytes', help: 'Memory of the processor (RSS).' },
} as const satisfies Record<string, MetricDeclaration>;

export type MetricName = keyof typeof METRICS;
type LabelsOf<M> = M extends { readonly labels: readonly (infer L extends string)[] } ? L : never;
export type InstrumentOf<M> = M extends { kind: 'counter' }
  ? Counter<LabelsOf<M>>
  : M extends { kind: 'gauge' }
    ? Gauge<LabelsOf<M>>
    : Histogram<LabelsOf<M>>;

export type Metrics = { readonly [K in MetricName]: InstrumentOf<(typeof METRICS)[K]> } & { readonly registry: Registry };

/** Fresh metrics in their own registry: one set per process, one per test. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const made: Record<string, unknown> = { registry };
  for (const [key, declaration] of Object.entries<MetricDeclaration>(METRICS)) made[key] = instrument(declaration, registry);
  const metrics = made as unknown as Metrics;
  for (const gauge of unlabelledGauges(metrics)) gauge.remove();
  return metrics;
}

export function instrument(declaration: MetricDeclaration, registry: Registry): Counter | Gauge | Histogram {
  const { name, help, labels = [], buckets } = declaration;
  const common = { name, help, labelNames: labels, registers: [registry] };
  if (declaration.kind === 'counter') return new Counter(common);
  if (declaration.kind === 'histogram') return new Histogram({ ...common, ...(buckets === undefined ? {} : { buckets: [...buckets] }) });
  if (name !== METRICS.residentBytes.name) return new Gauge(common);
  return new Gauge({
    ...common,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
}

function unlabelledGauges(metrics: Metrics): Gauge[] {
  const names = (Object.keys(METRICS) as MetricName[]).filter((key) => METRICS[key].kind === 'gauge' && !('labels' in METRICS[key]));
  return names.map((key) => metrics[key] as Gauge);
}
