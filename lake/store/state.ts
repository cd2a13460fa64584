// The store's own position, read at open.

import type { DuckDBConnection } from '@duckdb/node-api';
import { DECODE_FAULTS } from '../../cdc/codec/fault.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import type { HoldFacts, PartitionProgress, Phase } from './batch.ts';

export interface StoreState {
  readonly epoch: number;
  readonly commitId: number;
  /** Last committed transaction sequence, -1 before the first. */
  readonly seq: number;
  readonly gtid: string | null;
  readonly chain: string;
  readonly phase: Phase;
  readonly serverUuid: string | null;
}

export interface TopicRow {
  readonly topicId: number;
  readonly topic: string;
  readonly table: string | null;
}

export async function readState(connection: DuckDBConnection): Promise<StoreState | null> {
  const reader = await connection.runAndReadAll('SELECT epoch, commit_id, seq, gtid, chain, phase, server_uuid FROM ops.state');
  const row = reader.getRows()[0];
  if (row === undefined) return null;
  const [epoch, commitId, seq, gtid, chain, phase, serverUuid] = row;
  return {
    epoch: Number(epoch),
    commitId: Number(commitId),
    seq: Number(seq),
    gtid: gtid as string | null,
    chain: chain as string,
    phase: phase as Phase,
    serverUuid: serverUuid as string | null,
  };
}

export async function readTopics(connection: DuckDBConnection): Promise<TopicRow[]> {
  const reader = await connection.runAndReadAll('SELECT topic_id, topic, table_name FROM ops.topics ORDER BY topic_id');
  return reader
    .getRows()
    .map(([topicId, topic, table]) => ({ topicId: Number(topicId), topic: topic as string, table: table as string | null }));
}

export async function readProgress(connection: DuckDBConnection): Promise<PartitionProgress[]> {
  const reader = await connection.runAndReadAll('SELECT topic_id, partition, next_offset, mark_seq, mark_ord FROM ops.offsets');
  return reader.getRows().map(([topicId, partition, nextOffset, markSeq, markOrd]) => ({
    topicId: Number(topicId),
    partition: Number(partition),
    nextOffset: nextOffset as bigint,
    markSeq: Number(markSeq),
    markOrd: Number(markOrd),
  }));
}

export interface RunningReread {
  readonly signal: string;
  readonly table: string;
  readonly seq: number;
  readonly inPlace: boolean;
  /** Canonical keys of the rows that are read (lake/verify/canonical.ts); null for the whole table. */
  readonly keys: readonly string[] | null;
  /** Read by ourselves from one snapshot of MySQL, into a table beside it. */
  readonly bulk?: boolean;
}

export interface HeldTable extends HoldFacts {
  /** Records parked so far. */
  readonly records: number;
  /** ISO 8601. */
  readonly since: string;
}

/** Tables that are held now. */
export async function readHolds(connection: DuckDBConnection): Promise<HeldTable[]> {
  const reader = await connection.runAndReadAll(
    `SELECT table_name, seq, code, reason, schema_json, records, strftime(held_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ') FROM ops.held_tables WHERE released_commit IS NULL ORDER BY table_name`,
  );
  return reader.getRows().map(([table, seq, code, reason, json, records, since]) => ({
    table: table as string,
    seq: Number(seq),
    code: code as HoldFacts['code'],
    reason: reason as string,
    schema: JSON.parse(json as string) as TableSchema | null,
    records: Number(records),
    since: since as string,
  }));
}

/** Tables that a command took into the running capture: held then before every transaction, at 0, until they were read. */
export async function readTakenIn(connection: DuckDBConnection): Promise<string[]> {
  const reader = await connection.runAndReadAll('SELECT DISTINCT table_name FROM ops.held_tables WHERE seq = 0');
  return reader.getRows().map(([table]) => table as string);
}

/** Re-snapshots that have begun and not ended. */
export async function readRereads(connection: DuckDBConnection): Promise<RunningReread[]> {
  const reader = await connection.runAndReadAll(
    `SELECT signal_id, table_name, seq, in_place, keys, bulk FROM ops.rereads WHERE status = 'running'`,
  );
  return reader.getRows().map(([signal, table, seq, inPlace, keys, bulk]) => ({
    signal: signal as string,
    table: table as string,
    seq: Number(seq),
    inPlace: inPlace === true,
    keys: keys === null ? null : (JSON.parse(keys as string) as string[]),
    bulk: bulk === true,
  }));
}

/** Schema in force in silver of every live table: the newest one that was applied. */
export async function readSchemas(connection: DuckDBConnection): Promise<Map<string, TableSchema>> {
  const reader = await connection.runAndReadAll(
    'SELECT table_name, arg_max(schema_json, version) FROM ops.table_schemas WHERE held IS NOT TRUE GROUP BY table_name',
  );
  const schemas = new Map<string, TableSchema>();
  for (const [table, json] of reader.getRows()) {
    const schema = JSON.parse(json as string) as TableSchema | null;
    if (schema !== null) schemas.set(table as string, schema);
  }
  return schemas;
}

/** Snapshot that each table's snapshot rows belong to. */
export async function readSnapshots(connection: DuckDBConnection): Promise<Map<string, string>> {
  const reader = await connection.runAndReadAll('SELECT table_name, arg_max(generation, commit_id) FROM ops.snapshots GROUP BY table_name');
  return new Map(reader.getRows().map(([table, generation]) => [table as string, generation as string]));
}

/** Work that housekeeping has not done yet: superseding marks to fold, bronze rows in the tail. */
export async function readPending(connection: DuckDBConnection): Promise<{ marks: number; tailRows: number }> {
  const marks = await connection.runAndReadAll(`SELECT coalesce(sum(estimated_size), 0) FROM duckdb_tables() WHERE schema_name = '_gone'`);
  const tail = await connection.runAndReadAll('SELECT count(*) FROM _bronze.tail');
  return { marks: Number(marks.getRows()[0]?.[0] ?? 0), tailRows: Number(tail.getRows()[0]?.[0] ?? 0) };
}

/** Reasons of records that could not be read. */
const UNREADABLE = ['LF_ENVELOPE_UNREADABLE', ...DECODE_FAULTS].map((code) => `'${code}'`).join(', ');

/** Records parked because they could not be read, by the place they stand at: `topic/partition@seq` → count. */
export async function readUnreadable(connection: DuckDBConnection): Promise<Map<string, number>> {
  const reader = await connection.runAndReadAll(
    `SELECT topic, partition, seq, count(*) FROM ops.parked WHERE reason IN (${UNREADABLE}) GROUP BY ALL`,
  );
  return new Map(
    reader.getRows().map(([topic, partition, seq, count]) => [`${String(topic)}/${String(partition)}@${String(seq)}`, Number(count)]),
  );
}

/** The change with the lowest transaction number that was applied while the first snapshot was not proven to be read; null when there is none. */
export async function readFirstStreamed(connection: DuckDBConnection, bronzeFolder: string): Promise<Buffer | null> {
  const state = await readState(connection);
  if (state === null || state.phase !== 'bootstrap' || state.seq <= 0) return null;
  const segments = await connection.runAndReadAll('SELECT file FROM ops.segments');
  const files = segments.getRows().map(([file]) => literal(`${bronzeFolder}/${String(file)}`));
  const columns = 'seq, value';
  const parts = ['_bronze.tail', ...(files.length === 0 ? [] : [`read_parquet([${files.join(', ')}])`])];
  const from = parts.map((part) => `SELECT ${columns} FROM ${part} WHERE seq > 0 AND op IN ('c', 'u', 'd')`).join(' UNION ALL ');
  const value = (await connection.runAndReadAll(`SELECT value FROM (${from}) ORDER BY seq LIMIT 1`)).getRows()[0]?.[0] ?? null;
  return value === null ? null : Buffer.from((value as { bytes: Uint8Array }).bytes);
}
