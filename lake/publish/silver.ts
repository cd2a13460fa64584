// Silver in the lake: the live rows of every captured table. A publication touches only the keys that changed since
// the one before: they are found in the new versions, in the superseding marks and in what was folded meanwhile.

import type { DuckDBConnection } from '@duckdb/node-api';
import { ident } from '../../infra/runtime/sql-text.ts';
import { CHANGED, changedKeysSql, liveChangedSql } from './changed-keys.ts';
import type { LakeShapes } from './lake-catalog.ts';
import { firstRow, rowsOf } from './sql.ts';
import {
  collectChanged,
  dropOthers,
  lakeRowCount,
  replaceAll,
  replaceChanged,
  syncedTable,
  syncShape,
  type SyncedTable,
} from './sync-table.ts';

/** Beyond this many changed keys it is worth counting the table: replacing most of a table by key is slower than all of it. */
const COUNT_FROM_KEYS = 10_000;

/**
 * @param since the commit of the last publication; null publishes everything
 * @returns rows written
 */
export async function publishSilver(connection: DuckDBConnection, shapes: LakeShapes, since: number | null): Promise<number> {
  const keys = await keyColumns(connection);
  const recreated = since === null ? new Set<string>() : await droppedSince(connection, since);
  const tables = await capturedTables(connection);
  let rows = 0;
  for (const name of tables) {
    const key = keys.get(name) ?? [];
    const table = await syncedTable(connection, { schema: 'silver', table: name, keys: key, changedSource: liveChangedSql(name, key) });
    const shape = await syncShape(connection, table, shapes);
    const whole = since === null || shape !== 'same' || recreated.has(name);
    rows += whole ? await replaceAll(connection, table, shape) : await publishChanges(connection, table, since);
  }
  await dropOthers(connection, 'silver', shapes, new Set(tables));
  return rows;
}

async function publishChanges(connection: DuckDBConnection, table: SyncedTable, since: number): Promise<number> {
  if (table.keys.length === 0) return (await anyChange(connection, table.table, since)) ? replaceAll(connection, table, 'same') : 0;
  const changed = await collectChanged(connection, changedKeysSql(table.table, table.keys, since));
  if (changed === 0) return 0;
  if (changed >= COUNT_FROM_KEYS && changed * 2 >= (await lakeRowCount(connection, table))) return replaceAll(connection, table, 'same');
  return replaceChanged(connection, table);
}

async function anyChange(connection: DuckDBConnection, table: string, since: number): Promise<boolean> {
  const name = ident(table);
  const sql = `SELECT EXISTS (FROM _rows.${name} WHERE _commit > ${since}) OR EXISTS (FROM _past.${name} WHERE _gone_commit > ${since})`;
  return (await firstRow(connection, sql))?.[0] === true;
}

async function capturedTables(connection: DuckDBConnection): Promise<string[]> {
  const sql =
    "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = '_rows' AND NOT ends_with(table_name, '@next') ORDER BY 1";
  return (await rowsOf(connection, sql)).map((row) => row[0] as string);
}

/** Key columns by table, from the newest schema of each. */
async function keyColumns(connection: DuckDBConnection): Promise<Map<string, string[]>> {
  const found = await rowsOf(
    connection,
    'SELECT table_name, arg_max(schema_json, version) FROM ops.table_schemas WHERE held IS NOT TRUE GROUP BY table_name',
  );
  const keys = new Map<string, string[]>();
  for (const [table, json] of found) {
    const schema = JSON.parse(json as string) as { keyColumns: string[] } | null;
    if (schema !== null) keys.set(table as string, schema.keyColumns);
  }
  return keys;
}

/** Tables dropped since then: one of the same name that lives now shares nothing with them. */
async function droppedSince(connection: DuckDBConnection, since: number): Promise<Set<string>> {
  const sql = `SELECT DISTINCT table_name FROM ops.table_schemas WHERE commit_id > ${since} AND schema_json = 'null'`;
  return new Set((await rowsOf(connection, sql)).map((row) => row[0] as string));
}

/** The temporary table of changed keys is the connection's; it must not outlive the transaction. */
export async function dropChanged(connection: DuckDBConnection): Promise<void> {
  await connection.run(`DROP TABLE IF EXISTS ${CHANGED}`);
}
