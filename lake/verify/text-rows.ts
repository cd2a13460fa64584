// Rows of a DuckDB query whose columns are texts or whole numbers, as texts.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { TextRow } from './side.ts';

export async function textRows(connection: DuckDBConnection, sql: string): Promise<TextRow[]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRows().map((row) => row.map((value) => (value === null ? null : String(value))));
}
