// Parked records that are not decoded yet: reads their bytes and puts what they stand for in their place.

import type { DuckDBConnection } from '@duckdb/node-api';
import { OPEN } from './parked-book.ts';

/** Bytes of a parked record. */
export interface ParkedMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** JSON object of strings. */
  readonly headers: string | null;
}

/** Numbers of the open records that could not be read and whose key or value begins with byte 0: a schema registry's wire format. */
export async function readCodedIds(connection: DuckDBConnection): Promise<number[]> {
  const reader = await connection.runAndReadAll(
    `SELECT parked_id FROM ops.parked WHERE ${OPEN} AND op IS NULL AND (value < '\\x01'::BLOB OR key < '\\x01'::BLOB) ORDER BY parked_id`,
  );
  return reader.getRows().map(([id]) => Number(id));
}

export async function readParkedMessage(connection: DuckDBConnection, id: number): Promise<ParkedMessage> {
  const reader = await connection.runAndReadAll(`SELECT key, value, headers FROM ops.parked WHERE parked_id = ${id}`);
  const [key, value, headers] = reader.getRows()[0] ?? [];
  return { key: bytesOf(key), value: bytesOf(value), headers: (headers ?? null) as string | null };
}

/** Key, value and headers of a record, decoded; the message as it came stays in bronze. */
export async function writeParkedMessage(connection: DuckDBConnection, id: number, { key, value, headers }: ParkedMessage): Promise<void> {
  const statement = await connection.prepare(`UPDATE ops.parked SET key = $1, value = $2, headers = $3 WHERE parked_id = ${id}`);
  try {
    for (const [place, bytes] of [key, value].entries()) {
      if (bytes === null) statement.bindNull(place + 1);
      else statement.bindBlob(place + 1, bytes);
    }
    if (headers === null) statement.bindNull(3);
    else statement.bindVarchar(3, headers);
    await statement.run();
  } finally {
    statement.destroySync();
  }
}

function bytesOf(value: unknown): Buffer | null {
  return value === null || value === undefined ? null : Buffer.from((value as { bytes: Uint8Array }).bytes);
}
