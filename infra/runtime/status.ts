// What the pipeline says about itself. `processorStatusSchema` is what the processor serves at /status;
// `statusSchema` is the object `ledgerflow status --json` prints, a contract other programs rely on: fields are added, never removed.

import { z } from 'zod';

export const STATES = ['starting', 'snapshot', 'streaming', 'degraded', 'stopped'] as const;
export const stateSchema = z.enum(STATES);
export type State = (typeof STATES)[number];

const instant = z.string();
const count = z.number().int().min(0);

const commitSchema = z.object({
  id: count,
  /** GTID of the last source transaction inside the commit; null before the first streamed one. */
  gtid: z.string().nullable(),
  committedAt: instant.nullable(),
});

const goldSchema = z.object({
  /** The commit gold stands at; null before the first refresh. */
  commitId: count.nullable(),
  /** Why gold is held at an older commit (a failed check), or null. */
  heldReason: z.string().nullable(),
});

const snapshotSchema = z.object({
  rows: count,
  /** Rows expected, estimated; null while unknown. */
  total: count.nullable(),
  rowsPerSecond: z.number().min(0),
  etaSeconds: z.number().min(0).nullable(),
});

const publicationSchema = z.object({ id: count, commitId: count, publishedAt: instant });

/** What the last comparisons of the captured tables with MySQL found (`ledgerflow verify`). */
const verifiedSchema = z.object({
  /** The last comparison; null before the first. */
  at: instant.nullable(),
  /** GTID up to which all compared tables were found equal; null while one of them never was. */
  through: z.string().nullable(),
  tables: count,
  /** Tables whose last comparison found a difference. */
  different: z.array(z.string()).readonly(),
});

/** A captured table whose silver stays at an older state and whose records are parked, and why. */
const heldSchema = z.object({
  table: z.string(),
  /** Code of docs/errors.md. */
  code: z.string(),
  reason: z.string(),
  /** What to do, in words. */
  remedy: z.string(),
  since: instant,
  /** Records parked since then. */
  records: count,
  /** A re-snapshot is under way. */
  rereading: z.boolean(),
});
const heldTablesSchema = z.array(heldSchema);
export type HeldTableStatus = z.infer<typeof heldSchema>;

export const processorStatusSchema = z.object({
  state: stateSchema,
  /** Why the state is degraded, in words; null otherwise. */
  reason: z.string().nullable().optional(),
  commit: commitSchema.nullable(),
  /** Age of the newest heartbeat row that reached gold; null while unknown. */
  freshnessMs: z.number().min(0).nullable(),
  eventsPerSecond: z.number().min(0),
  /** Messages in Kafka that are not committed yet; null while unknown. */
  lagMessages: count.nullable(),
  parked: count,
  heldTables: heldTablesSchema.optional(),
  gold: goldSchema,
  snapshot: snapshotSchema.nullable(),
  publication: publicationSchema.nullable(),
  verified: verifiedSchema.optional(),
  pid: z.number().int(),
});
export type ProcessorStatus = z.infer<typeof processorStatusSchema>;

const serverSchema = z.object({ host: z.string(), port: z.number().int() });
const databaseSchema = serverSchema.extend({ user: z.string(), password: z.string(), database: z.string() });

export const statusSchema = z.object({
  // Endpoints are null as long as nothing was ever started in the home folder.
  state: stateSchema,
  reason: z.string().nullable(),
  mysql: databaseSchema.nullable(),
  kafka: z.object({ brokers: z.string() }).nullable(),
  connect: z.object({ url: z.string(), connector: z.string() }).nullable(),
  wire: databaseSchema.nullable(),
  processor: z.object({ pid: z.number().int().nullable() }),
  metrics: z.object({ url: z.string() }).nullable(),
  bank: z.object({ url: z.string() }).nullable(),
  dashboards: z.object({ url: z.string() }).nullable(),
  /** The reconciliation API. */
  recon: z.object({ url: z.string() }).nullable(),
  lake: z.object({ catalog: z.string(), data: z.string() }).nullable(),
  cut: z.object({ gtid: z.string().nullable(), committedAt: instant.nullable() }),
  freshnessMs: z.number().nullable(),
  parked: count.nullable(),
  heldTables: heldTablesSchema,
  eventsPerSecond: z.number().nullable(),
  lagMessages: count.nullable(),
  commitId: count.nullable(),
  gold: goldSchema.nullable(),
  snapshot: snapshotSchema.nullable(),
  publication: publicationSchema.nullable(),
  verified: verifiedSchema.nullable(),
  home: z.string(),
});
export type Status = z.infer<typeof statusSchema>;

export interface Health {
  /** True only when a heartbeat row written in MySQL has reached gold within its objective (G11). */
  readonly healthy: boolean;
  /** Gold exists and is served, be it held or late. */
  readonly ready: boolean;
  /** The reported state, turned to `degraded` where streaming is not healthy. */
  readonly state: State;
  readonly reason: string | null;
}

/** Judges a report: never by the process being alive, always by what has reached gold. */
export function healthOf(report: ProcessorStatus, freshnessObjectiveMs: number): Health {
  const { state } = report;
  if (state !== 'streaming' && state !== 'degraded') {
    return { healthy: false, ready: false, state, reason: report.reason ?? `state is ${state}` };
  }
  const ready = report.gold.commitId !== null;
  const reason = problemOf(report, freshnessObjectiveMs);
  return reason === null ? { healthy: true, ready, state: 'streaming', reason } : { healthy: false, ready, state: 'degraded', reason };
}

function problemOf(report: ProcessorStatus, freshnessObjectiveMs: number): string | null {
  if (report.state === 'degraded') return report.reason ?? 'the processor reports degraded';
  if (report.gold.heldReason !== null) return `gold is held: ${report.gold.heldReason}`;
  const [held] = report.heldTables ?? [];
  if (held !== undefined) return `table ${held.table} is held: ${held.reason} (${held.code}). ${held.remedy}`;
  if (report.gold.commitId === null) return 'gold has not been refreshed yet';
  if (report.freshnessMs === null) return 'no heartbeat row has reached gold yet';
  if (report.freshnessMs > freshnessObjectiveMs) {
    return `the newest heartbeat in gold is ${report.freshnessMs} ms old, the objective is ${freshnessObjectiveMs} ms`;
  }
  return null;
}
