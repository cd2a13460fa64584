// Brings one table of the lake to the state of its relation in the store, inside the publication's transaction:
// shape first, then rows: all of them, or those of the changed keys (deleted, then inserted).

import type { DuckDBConnection } from '@duckdb/node-api';
import { ident } from '../../infra/runtime/sql-text.ts';
import { CHANGED } from './changed-keys.ts';
import { lakeTable, storeColumns, type LakeShapes } from './lake-catalog.ts';
import { lakeColumn, lakeValues, type LakeColumn } from './lake-types.ts';
import { changedRows, firstRow, identList, sameKeys } from './sql.ts';

export interface SyncedTable {
  readonly schema: 'silver' | 'gold';
  readonly table: string;
  /** Relation of the store that holds the rows: silver."accounts". */
  readonly source: string;
  readonly columns: readonly LakeColumn[];
  /** Key columns; empty: rows have no identity and are replaced as a whole. */
  readonly keys: readonly string[];
  /** Relation with the rows of the keys in CHANGED. */
  readonly changedSource: string;
}

/** What happened to the table's shape; after 'reshaped' rows outside the changed keys may differ too. */
export type ShapeChange = 'same' | 'created' | 'reshaped';

export interface TableSource {
  readonly schema: 'silver' | 'gold';
  readonly table: string;
  readonly keys: readonly string[];
  /** Default: the table, joined with CHANGED. */
  readonly changedSource?: string;
}

/** Describes the table as it is in the store now. */
export async function syncedTable(connection: DuckDBConnection, from: TableSource): Promise<SyncedTable> {
  const source = `${from.schema}.${ident(from.table)}`;
  const columns = (await storeColumns(connection, source)).map(([name, type]) => lakeColumn(name, type));
  const names = new Set(columns.map((column) => column.name));
  const keys = from.keys.every((key) => names.has(key)) ? from.keys : [];
  const changedSource = from.changedSource ?? `(SELECT s.* FROM ${source} s SEMI JOIN ${CHANGED} k ON ${sameKeys(keys, 's', 'k')})`;
  return { schema: from.schema, table: from.table, source, columns, keys, changedSource };
}

/** Creates the table or adds, drops and retypes columns, and keeps `shapes` in step. */
export async function syncShape(connection: DuckDBConnection, table: SyncedTable, shapes: LakeShapes): Promise<ShapeChange> {
  const name = lakeTable(table.schema, table.table);
  const found = shapes.get(table.schema)?.get(table.table);
  const wanted = new Map(table.columns.map((column) => [column.name, column.type]));
  shapes.get(table.schema)?.set(table.table, wanted);
  if (found === undefined) {
    await connection.run(`CREATE TABLE ${name} (${table.columns.map((column) => `${ident(column.name)} ${column.type}`).join(', ')})`);
    return 'created';
  }
  const added = table.columns.filter((column) => found.get(column.name) !== column.type);
  const dropped = [...found.keys()].filter((column) => wanted.get(column) !== found.get(column));
  // Added before dropped, because a table keeps at least one column; a new type is a new column of the same name,
  // since DuckLake widens some types only.
  const retyped = new Set(added.filter((column) => found.has(column.name)).map((column) => column.name));
  for (const column of added)
    if (!retyped.has(column.name)) await connection.run(`ALTER TABLE ${name} ADD COLUMN ${ident(column.name)} ${column.type}`);
  for (const column of dropped) if (!retyped.has(column)) await connection.run(`ALTER TABLE ${name} DROP COLUMN ${ident(column)}`);
  for (const column of added) if (retyped.has(column.name)) await retype(connection, name, column);
  return added.length + dropped.length === 0 ? 'same' : 'reshaped';
}

/** Drops the tables of the schema that are not in `kept`. */
export async function dropOthers(
  connection: DuckDBConnection,
  schema: 'silver' | 'gold',
  shapes: LakeShapes,
  kept: ReadonlySet<string>,
): Promise<void> {
  const tables = shapes.get(schema);
  for (const table of [...(tables?.keys() ?? [])]) {
    if (kept.has(table)) continue;
    await connection.run(`DROP TABLE ${lakeTable(schema, table)}`);
    tables?.delete(table);
  }
}

async function retype(connection: DuckDBConnection, name: string, column: LakeColumn): Promise<void> {
  await connection.run(`ALTER TABLE ${name} ADD COLUMN _retyped INTEGER`);
  await connection.run(`ALTER TABLE ${name} DROP COLUMN ${ident(column.name)}`);
  await connection.run(`ALTER TABLE ${name} ADD COLUMN ${ident(column.name)} ${column.type}`);
  await connection.run(`ALTER TABLE ${name} DROP COLUMN _retyped`);
}

/** Replaces every row. @returns rows written */
export async function replaceAll(connection: DuckDBConnection, table: SyncedTable, shape: ShapeChange): Promise<number> {
  const name = lakeTable(table.schema, table.table);
  if (shape !== 'created') await connection.run(`DELETE FROM ${name}`);
  return changedRows(
    connection,
    `INSERT INTO ${name} (${columnList(table)}) SELECT ${lakeValues(table.columns, 's')} FROM ${table.source} s`,
  );
}

/** Replaces the rows of the keys in CHANGED. @returns rows written */
export async function replaceChanged(connection: DuckDBConnection, table: SyncedTable): Promise<number> {
  const name = lakeTable(table.schema, table.table);
  await connection.run(`DELETE FROM ${name} t USING ${CHANGED} k WHERE ${sameKeys(table.keys, 't', 'k')}`);
  return changedRows(
    connection,
    `INSERT INTO ${name} (${columnList(table)}) SELECT ${lakeValues(table.columns, 's')} FROM ${table.changedSource} s`,
  );
}

/** Fills CHANGED from a SELECT of key columns. @returns distinct keys */
export async function collectChanged(connection: DuckDBConnection, select: string): Promise<number> {
  return changedRows(connection, `CREATE OR REPLACE TEMP TABLE changed_keys AS SELECT DISTINCT * FROM (${select})`);
}

/** Rows of the table in the lake now. */
export async function lakeRowCount(connection: DuckDBConnection, table: SyncedTable): Promise<number> {
  return Number((await firstRow(connection, `SELECT count(*) FROM ${lakeTable(table.schema, table.table)}`))?.[0] ?? 0);
}

function columnList(table: SyncedTable): string {
  return identList(table.columns.map((column) => column.name));
}
