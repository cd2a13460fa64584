// Reads what is parked and not dealt with, and the shapes its tables had: the input of a re-drive.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { keyText, OPEN } from './parked-book.ts';

/** One open record, without its bytes. */
export interface OpenRecord {
  readonly id: number;
  readonly topic: string;
  readonly table: string | null;
  /** Message key and, for a record of a key change, the row's other key: bytes as latin1 text. */
  readonly key: string | null;
  readonly otherKey: string | null;
  /** `topic/partition@offset`. */
  readonly place: string;
  readonly seq: number;
  /** Null when the record could not be read. */
  readonly op: string | null;
  readonly reason: string;
  readonly detail: string;
  readonly status: 'parked' | 'waiting';
  /** It could not be read and has no value: only its key says something. */
  readonly tombstone: boolean;
}

const text = (value: unknown): string | null => (value === null ? null : keyText((value as { bytes: Uint8Array }).bytes));

/** All open records in the order in which they were parked: per key the source's order. Bounded by the flood limits. */
export async function readOpenParked(connection: DuckDBConnection): Promise<OpenRecord[]> {
  const reader = await connection.runAndReadAll(
    `SELECT parked_id, topic, table_name, key, other_key, topic || '/' || partition || '@' || kafka_offset, seq, op, reason, detail, status,
       op IS NULL AND value IS NULL AND table_name IS NOT NULL
     FROM ops.parked WHERE ${OPEN} ORDER BY parked_id`,
  );
  return reader.getRows().map(([id, topic, table, key, other, place, seq, op, reason, detail, status, tombstone]) => ({
    id: Number(id),
    topic: topic as string,
    table: table as string | null,
    key: text(key ?? null),
    otherKey: text(other ?? null),
    place: place as string,
    seq: Number(seq),
    op: op as string | null,
    reason: reason as string,
    detail: detail as string,
    status: status as OpenRecord['status'],
    tombstone: tombstone === true,
  }));
}

/** Bytes of one parked record; null when it has no value. */
export async function readParkedValue(connection: DuckDBConnection, id: number): Promise<Buffer | null> {
  const reader = await connection.runAndReadAll(`SELECT value FROM ops.parked WHERE parked_id = ${id}`);
  const value = reader.getRows()[0]?.[0] ?? null;
  return value === null ? null : Buffer.from((value as { bytes: Uint8Array }).bytes);
}

/** Every shape that a table ever had, oldest first, with the transaction from which on it had it. */
export async function readShapes(
  connection: DuckDBConnection,
  table: string,
): Promise<{ readonly fromSeq: number; readonly schema: TableSchema }[]> {
  const statement = await connection.prepare('SELECT seq, schema_json FROM ops.table_schemas WHERE table_name = $1 ORDER BY version');
  try {
    statement.bindVarchar(1, table);
    const shapes: { fromSeq: number; schema: TableSchema }[] = [];
    for (const [seq, json] of (await statement.runAndReadAll()).getRows()) {
      const schema = JSON.parse(json as string) as TableSchema | { unsupported: string } | null;
      if (schema !== null && 'columns' in schema) shapes.push({ fromSeq: Number(seq), schema });
    }
    return shapes;
  } finally {
    statement.destroySync();
  }
}
