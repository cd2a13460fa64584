// What the operator's pages are told.

import type { ProcessorStatus } from '../../../infra/runtime/status.ts';
import type { Cell, Included, Section } from './common.ts';

export interface ConnectorAnswer {
  readonly state: string;
  readonly reason: string | null;
  readonly running: boolean;
  readonly failed: boolean;
  readonly tasks: readonly { readonly id: number; readonly state: string; readonly reason: string | null }[];
}

/** A part that may not answer: what it said, or why it said nothing. */
export type Asked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

export interface MinuteRow {
  readonly minute: string;
  readonly messages: string;
  readonly applied: string;
  readonly commits: string;
}

export interface TotalsRow {
  readonly commits: string;
  readonly messages: string;
  readonly applied: string;
  readonly duplicates: string;
  readonly parked: string;
}

export interface GoldRow {
  readonly commit_id: string;
  readonly refreshed_at: string | null;
  readonly held_since: string | null;
  readonly held_reason: string | null;
  readonly models: string;
}

/** A type, not an interface, so that it can be shown as any row is. */
export type PublicationRow = {
  readonly publication_id: string;
  readonly commit_id: string;
  readonly gold_commit_id: string;
  readonly gtid: string | null;
  readonly lake_snapshot: string;
  readonly published_at: string;
  readonly bronze_rows: string;
  readonly silver_rows: string;
  readonly gold_rows: string;
  readonly duration_ms: string;
};

export interface SilverTablesRow {
  readonly tables: string;
}

export interface CountRow {
  readonly records: string;
}

export interface PipelineAnswer extends Included {
  readonly processor: Asked<ProcessorStatus>;
  readonly connector: Asked<ConnectorAnswer>;
  readonly minutes: Section<MinuteRow>;
  readonly totals: Section<TotalsRow>;
  readonly gold: Section<GoldRow>;
  readonly silverTables: Section<SilverTablesRow>;
  readonly publication: Section<PublicationRow>;
}

export interface TopicAnswer {
  readonly topic: string;
  readonly partitions: number;
  readonly messages: string;
  readonly settings: Readonly<Record<string, string>>;
}

export interface TopicsAnswer {
  readonly topics: readonly TopicAnswer[];
}

export interface MessageAnswer {
  readonly partition: number;
  readonly offset: string;
  readonly at: string;
  /** UTF-8 text, cut off where it is long. */
  readonly key: string | null;
  readonly value: string | null;
}

export interface MessagesAnswer {
  readonly messages: readonly MessageAnswer[];
}

export interface ParkedRow {
  readonly parked_id: string;
  readonly table_name: Cell;
  readonly status: string;
  readonly reason: string;
  readonly detail: string;
  readonly topic: string;
  readonly partition: string;
  readonly kafka_offset: string;
  readonly parked_at: string;
}

export interface RedriveRow {
  readonly commit_id: Cell;
  readonly redriven: string;
  readonly discarded: string;
  readonly requested_by: string;
  readonly reason: Cell;
  readonly requested_at: string;
}

export interface ParkedAnswer extends Included {
  readonly open: Section<CountRow>;
  readonly parked: Section<ParkedRow>;
  readonly redrives: Section<RedriveRow>;
}

/** Rows of tables whose columns may grow: shown as they are. */
export type AnyRow = Readonly<Record<string, Cell>>;

export interface TableFreshnessRow {
  readonly topic: string;
  readonly table_name: string;
  readonly version: Cell;
  readonly held: string;
  readonly last_change: Cell;
  readonly recent: string;
}

export interface TablesAnswer extends Included {
  readonly tables: Section<TableFreshnessRow>;
  readonly held: Section<AnyRow>;
  readonly models: Section<AnyRow>;
  readonly verified: Section<AnyRow>;
}

export interface BurnRow {
  readonly slo: string;
  readonly target: string;
  readonly meaning: string;
  readonly budget_left: Cell;
  readonly days: string;
  readonly burn_5m: Cell;
  readonly burn_1h: Cell;
  readonly burn_6h: Cell;
  readonly burn_3d: Cell;
}

export interface JobRow {
  readonly job: string;
  readonly description: string;
  readonly version: string;
  readonly trigger: string;
  readonly position: Cell;
  readonly failures: string;
  readonly served_until: Cell;
}

export interface QualityAnswer extends Included {
  readonly burn: Section<BurnRow>;
  readonly results: Section<AnyRow>;
  readonly checks: Section<AnyRow>;
  readonly slo: Section<AnyRow>;
}

export interface IncidentRow {
  readonly incident_id: string;
  readonly code: string;
  readonly severity: string;
  readonly subject: string;
  readonly opened_at: string;
  readonly closed_at: Cell;
  readonly summary: string;
  readonly detail: string;
  /** The rows that show it, as JSON; cut off after 4,000 characters. */
  readonly rows: Cell;
  readonly acknowledged_by: Cell;
  readonly acknowledged_at: Cell;
  readonly silenced_until: Cell;
  readonly note: Cell;
}

export interface IncidentStepRow {
  readonly seq: string;
  readonly incident_id: string;
  readonly done_at: string;
  readonly actor: string;
  readonly action: string;
  readonly minutes: Cell;
  readonly note: string;
}

export interface IncidentsAnswer extends Included {
  readonly incidents: Section<IncidentRow>;
  /** What people said of them, oldest first. */
  readonly steps: Section<IncidentStepRow>;
  readonly notifications: Section<AnyRow>;
}

export interface PublicationsAnswer extends Included {
  readonly publications: Section<PublicationRow>;
  readonly commits: Section<AnyRow>;
  /** Made by `ledgerflow certify` and once a day. */
  readonly certificates: Section<AnyRow>;
}

export interface JobsAnswer extends Included {
  readonly jobs: Section<JobRow>;
  readonly runs: Section<AnyRow>;
}

export interface SqlAnswer {
  readonly columns: readonly { readonly name: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly Cell[])[];
  /** More rows there would have been. */
  readonly truncated: boolean;
  readonly durationMs: number;
}
