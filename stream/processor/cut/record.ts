// What the cut knows of one Kafka message: its kind and its place in the source, as the scanner read it. No envelope is parsed here.

/**
 * event: c/u/d inside a transaction (seq, ord). outside: has a GTID but no place in a transaction: TRUNCATE (op t), a row of an
 * incremental snapshot (op r), a row of an XA transaction (op c/u/d). snapshot: row of the first snapshot, no GTID. tombstone: null
 * value. ddl: record of the schema topic. begin, end: records of the transaction topic. control: heartbeats. unreadable: to be parked.
 */
export type RecordKind = 'event' | 'outside' | 'snapshot' | 'tombstone' | 'ddl' | 'begin' | 'end' | 'control' | 'unreadable';

/** Debezium's own END record; `status`, `id` and `ts_ms` are not needed here. */
export interface EndCounts {
  readonly event_count: number;
  readonly data_collections: readonly { readonly data_collection: string; readonly event_count: number }[] | null;
}

/** A scanned message. The object may be reused by the scanner: nothing of it is kept. */
export interface Scanned {
  readonly kind: RecordKind;
  /** GTID number; -1 where the record has none. */
  readonly seq: number;
  /** total_order inside the transaction, 0 outside. */
  readonly ord: number;
  /** Character code of Debezium's op, 0 where there is none. */
  readonly op: number;
  /** Required for `end`. */
  readonly end?: EndCounts | undefined;
  /**
   * For `ddl`: the statement is known to have this one record only (ddl-statement.ts). A statement that is not waits for proof,
   * because RENAME and DROP of several tables write several records with one GTID.
   */
  readonly alone?: boolean | undefined;
  /** For `ddl`: text that tells records of one GTID apart and is equal when Connect emits one again; by default the whole value. */
  readonly identity?: string | undefined;
}

/** A Kafka message as far as the cut keeps it; kafkajs's KafkaMessage is one. */
export interface StagedMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly offset: string;
  /** Milliseconds since 1970. */
  readonly timestamp: string;
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>> | undefined;
}

export type PartitionRole = 'table' | 'transaction' | 'schema' | 'other';

export const OP_TRUNCATE = 't'.charCodeAt(0);
export const OP_READ = 'r'.charCodeAt(0);
