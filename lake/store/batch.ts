// What the processor hands to the store for one commit.

import type { Reshape } from '../../cdc/schema/change-plan.ts';
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
      /** How old rows take the new shape; by default only what the two shapes tell. */
      readonly reshape?: Reshape;
      /** The table begins anew: what is there of the name is put aside, as by a DROP. */
      readonly anew?: boolean;
      /** Versions that cannot take the new shape are put aside, as by a DROP; live rows go on. */
      readonly archive?: boolean;
    }
  /** Silver of the table stays as it is, and its records are parked, until it is read again (reread) or made anew. */
  | ({ readonly kind: 'hold'; readonly ddl: string } & HoldFacts)
  /** A re-snapshot begins: of a held table into a table beside it (`schema`), of another one into its own rows (null). */
  | {
      readonly kind: 'reread';
      readonly table: string;
      readonly seq: number;
      readonly signal: string;
      readonly schema: TableSchema | null;
      /** Canonical keys of the rows that are read; null or absent for the whole table. */
      readonly keys?: readonly string[] | null;
      /** Read in bulk into a table beside it, held or not. */
      readonly bulk?: boolean;
    }
  /** It ended: what was read takes the place of what was there; `failure` says why it did not. */
  | {
      readonly kind: 'reread-ended';
      readonly table: string;
      readonly seq: number;
      readonly signal: string;
      readonly inPlace: boolean;
      readonly keys?: readonly string[] | null;
      readonly failure: string | null;
      /** A bulk read: the last transaction of its snapshot, and whether the table went on meanwhile. */
      readonly snapshot?: { readonly seq: number; readonly live: boolean };
    }
  | { readonly kind: 'drop'; readonly table: string; readonly seq: number; readonly ddl: string }
  /** TRUNCATE: every version below `beforePos` is superseded. */
  | { readonly kind: 'clear'; readonly table: string; readonly beforePos: bigint }
  /** A snapshot of the table begins (again): rows of an earlier, unfinished one are superseded. */
  | { readonly kind: 'snapshot'; readonly table: string; readonly generation: string; readonly beforePos: bigint };

/** Why and since when a table is held. */
export interface HoldFacts {
  readonly table: string;
  /** Transaction from which on its records are parked. */
  readonly seq: number;
  readonly code: 'LF_TABLE_HELD' | 'LF_COLUMN_UNSUPPORTED' | 'LF_CHANGE_HELD';
  readonly reason: string;
  /** Its shape in MySQL now; null when unknown. */
  readonly schema: TableSchema | null;
}

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
  /** Where a captured table's rows are stored; by default under its own name. */
  readonly storedAs?: (table: string) => string;
  /** Records of held tables in this commit, parked as a whole: table → number. */
  readonly heldRecords?: ReadonlyMap<string, number>;
  readonly controls: readonly ControlAction[];
  readonly unreadable: readonly ParkedRecord[];
  readonly progress: readonly PartitionProgress[];
  readonly seq: number;
  readonly gtid: string | null;
  readonly serverUuid: string | null;
  readonly phase: Phase;
}

export const ORD_BITS = 24n;
/** Snapshot rows sort below every streamed change and among each other by Kafka offset. */
const SNAPSHOT_FLOOR = -(1n << 62n);

/** Source position as one sortable integer (layout.ts, _pos). */
export function positionOf(seq: number, ord: number, offset: bigint): bigint {
  return seq < 0 ? SNAPSHOT_FLOOR + offset : (BigInt(seq) << ORD_BITS) | BigInt(ord < 0 ? 0 : ord);
}

/** SQL for the same position over the staging table's columns. */
export const POSITION_SQL = `CASE WHEN seq < 0 THEN ${SNAPSHOT_FLOOR} + kafka_offset ELSE (seq << ${ORD_BITS}) | greatest(ord, 0) END`;
