// Gold in the lake. Its rows carry no commit, so the store's tables and the lake's are compared: a digest per table
// tells whether anything changed, a hash per key tells which rows. What is compared cannot drift.

import type { DuckDBConnection } from '@duckdb/node-api';
import { ident } from '../store/identifiers.ts';
import { lakeTable, lakeTables } from './lake-catalog.ts';
import { lakeValues } from './lake-types.ts';
import { firstRow, identList, rowsOf, sameKeys } from './sql.ts';
import { collectChanged, replaceAll, replaceChanged, syncedTable, syncShape, type SyncedTable } from './sync-table.ts';

/** Digest of every gold table as last published. */
export type GoldDigests = ReadonlyMap<string, string>;

/** Smaller tables are replaced whole: one new file instead of delete files. */
const REPLACE_ROWS_MAX = 5_000;

interface Digest {
  readonly text: string;
  readonly rows: number;
  /** A NULL in a key column: rows cannot be found by key. */
  readonly nullKeys: boolean;
}

/**
 * @param published digests of the last publication in this process; empty compares every table with the lake
 * @returns rows written and the new digests, to be kept once the transaction has committed
 */
export async function publishGold(
  connection: DuckDBConnection,
  keys: ReadonlyMap<string, readonly string[]>,
  published: GoldDigests,
): Promise<{ rows: number; digests: GoldDigests }> {
  const inLake = await lakeTables(connection, 'gold');
  const digests = new Map<string, string>();
  let rows = 0;
  for (const name of await goldTables(connection)) {
    const table = await syncedTable(connection, 'gold', name, keys.get(name) ?? []);
    const shape = await syncShape(connection, table, inLake.get(name));
    inLake.delete(name);
    const digest = await digestOf(connection, table);
    digests.set(name, digest.text);
    if (shape !== 'same') rows += await replaceAll(connection, table, shape);
    else if (published.get(name) !== digest.text) rows += await publishChanges(connection, table, digest);
  }
  for (const gone of inLake.keys()) await connection.run(`DROP TABLE ${lakeTable('gold', gone)}`);
  return { rows, digests };
}

async function publishChanges(connection: DuckDBConnection, table: SyncedTable, digest: Digest): Promise<number> {
  if (digest.rows <= REPLACE_ROWS_MAX || digest.nullKeys || table.keys.length === 0) {
    const same = (await lakeDigest(connection, table)) === digest.text;
    return same ? 0 : replaceAll(connection, table, 'same');
  }
  const changed = await collectChanged(connection, changedKeysSql(table));
  if (changed === 0) return 0;
  return changed * 2 >= digest.rows ? replaceAll(connection, table, 'same') : replaceChanged(connection, table);
}

function changedKeysSql(table: SyncedTable): string {
  const keys = identList(table.keys);
  const either = table.keys.map((key) => `coalesce(s.${ident(key)}, l.${ident(key)}) AS ${ident(key)}`).join(', ');
  const columns = identList(table.columns.map((column) => column.name));
  return `SELECT ${either} FROM (SELECT ${identList(table.keys, 's.')}, hash(${lakeValues(table.columns, 's')}) AS h FROM ${table.source} s) s
    FULL JOIN (SELECT ${keys}, hash(${columns}) AS h FROM ${lakeTable('gold', table.table)}) l ON ${sameKeys(table.keys, 's', 'l')}
    WHERE s.h IS DISTINCT FROM l.h`;
}

async function digestOf(connection: DuckDBConnection, table: SyncedTable): Promise<Digest> {
  const nulls = table.keys.length === 0 ? 'false' : table.keys.map((key) => `s.${ident(key)} IS NULL`).join(' OR ');
  const sql = `SELECT count(*), coalesce(sum(hash(${lakeValues(table.columns, 's')})::HUGEINT), 0), count(*) FILTER (${nulls}) FROM ${table.source} s`;
  const [rows, sum, nullKeys] = (await firstRow(connection, sql)) ?? [];
  return { text: `${String(rows)}:${String(sum)}`, rows: Number(rows), nullKeys: Number(nullKeys) > 0 };
}

async function lakeDigest(connection: DuckDBConnection, table: SyncedTable): Promise<string> {
  const columns = identList(table.columns.map((column) => column.name));
  const sql = `SELECT count(*), coalesce(sum(hash(${columns})::HUGEINT), 0) FROM ${lakeTable('gold', table.table)}`;
  const [rows, sum] = (await firstRow(connection, sql)) ?? [];
  return `${String(rows)}:${String(sum)}`;
}

async function goldTables(connection: DuckDBConnection): Promise<string[]> {
  const sql = "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'gold' ORDER BY 1";
  return (await rowsOf(connection, sql)).map((row) => row[0] as string);
}
