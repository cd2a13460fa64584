// Small helpers over a DuckDB connection that every step of publication shares.

import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { ident } from '../../infra/runtime/sql-text.ts';

export type Row = readonly DuckDBValue[];

/** All rows of a small result. */
export async function rowsOf(connection: DuckDBConnection, sql: string): Promise<Row[]> {
  return (await connection.runAndReadAll(sql)).getRows();
}

/** The first row, or undefined. */
export async function firstRow(connection: DuckDBConnection, sql: string): Promise<Row | undefined> {
  return (await rowsOf(connection, sql))[0];
}

/** Rows a statement changed (DuckDB returns them as one BIGINT). */
export async function changedRows(connection: DuckDBConnection, sql: string): Promise<number> {
  return Number((await firstRow(connection, sql))?.[0] ?? 0);
}

/** Comma-separated quoted names. */
export function identList(names: readonly string[], prefix = ''): string {
  return names.map((name) => prefix + ident(name)).join(', ');
}

/** Equality of key columns between two aliases. */
export function sameKeys(keys: readonly string[], left: string, right: string): string {
  return keys.map((key) => `${left}.${ident(key)} = ${right}.${ident(key)}`).join(' AND ');
}

/** Runs `work` in a transaction of its own and commits it; rolls back when it throws. */
export async function inTransaction<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run('BEGIN');
  try {
    const result = await work();
    await connection.run('COMMIT');
    return result;
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined); // the first error is the one to report
    throw error;
  }
}
