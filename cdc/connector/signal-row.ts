// Rows of Debezium's signal table, as whoever wants something read again writes them.

import type { Connection } from 'mysql2/promise';
import { SIGNAL_TABLE } from './config.ts';

/** Characters of debezium_signal.data. */
export const SIGNAL_DATA_CHARACTERS_MAX = 2_048;

export interface SignalRow {
  readonly id: string;
  readonly type: string;
  /** JSON. */
  readonly data: string;
}

/** A table as a signal names it: Debezium takes names for regular expressions. */
export function collectionPattern(database: string, table: string): string {
  return `${database}.${table}`.replace(/[\\^$*+?()[\]{}|]/g, '\\$&');
}

export async function insertSignal(connection: Connection, database: string, { id, type, data }: SignalRow): Promise<void> {
  await connection.query('INSERT INTO ??.?? (id, type, data) VALUES (?, ?, ?)', [database, SIGNAL_TABLE, id, type, data]);
}
