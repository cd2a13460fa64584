// What the processor hands to the store for one commit.

import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import type { RecordBatch } from './record-batch.ts';

/** Codes in RecordBatch.disposition, indexes into DISPOSITIONS of layout.ts. */
export const APPLIED = 0;
export const DUPLICATE = 1;
export const TOMBSTONE = 2;
export const CONTROL = 3;
export const PARKED = 4;

/** A change of a table's shape or content that has no transaction of its own; applied before the commit's rows. */
export type ControlAction =
  | {
      readonly kind: 'schema';
      readonly table: string;
      readonly seq: number;
      readonly ddl: string;
      readonly schema: TableSchema;
      readonly previousTable?: string;
    }
  /** A table whose rows cannot be carried exactly: its records are parked until its shape is mended. */
  | { readonly kind: 'unsupported'; readonly table: string; readonly seq: number; readonly ddl: string; readonly reason: string }
  | { readonly kind: 'drop'; readonly table: string; readonly seq: number; readonly ddl: string }
  /** TRUNCATE: every version below `beforePos` is superseded. */
  | { readonly kind: 'clear'; readonly table: string; readonly beforePos: bigint }
  /** A snapshot of the table begins (again): rows of an earlier, unfinished one are superseded. */
  | { readonly kind: 'snapshot'; readonly table: string; readonly generation: string; readonly beforePos: bigint };

export interface PartitionProgress {
  readonly topicId: number;
  readonly partition: number;
  readonly nextOffset: bigint;
  readonly markSeq: number;
  readonly markOrd: number;
}

/** Record that cannot be read: bronze and ops.parked keep it, silver does not see it. */
export interface ParkedRecord {
  readonly index: number;
  readonly reason: string;
  readonly detail: string;
  /** It is sound, but waits behind a parked record of its key. */
  readonly waits?: boolean;
  /** Of a record of a key change: the row's other key, bytes as latin1 text. */
  readonly otherKey?: string;
}

export type Phase = 'bootstrap' | 'streaming';

export interface CommitRequest {
  readonly records: RecordBatch;
  /** Captured table of a topic; absent for control topics. */
  readonly tableOf: (topicId: number) => string | undefined;
  readonly controls: readonly ControlAction[];
  readonly unreadable: readonly ParkedRecord[];
  readonly progress: readonly PartitionProgress[];
  readonly seq: number;
  readonly gtid: string | null;
  readonly serverUuid: string | null;
  readonly phase: Phase;
}

export const ORD_BITS = 24n;
export const ORD_MAX = (1 << 24) - 1;
/** Snapshot rows sort below every streamed change and among each other by Kafka offset. */
const SNAPSHOT_FLOOR = -(1n << 62n);

/** Source position as one sortable integer (layout.ts, _pos). */
export function positionOf(seq: number, ord: number, offset: bigint): bigint {
  return seq < 0 ? SNAPSHOT_FLOOR + offset : (BigInt(seq) << ORD_BITS) | BigInt(ord < 0 ? 0 : ord);
}

/** SQL for the same position over the staging table's columns. */
export const POSITION_SQL = `CASE WHEN seq < 0 THEN ${SNAPSHOT_FLOOR} + kafka_offset ELSE (seq << ${ORD_BITS}) | greatest(ord, 0) END`;
