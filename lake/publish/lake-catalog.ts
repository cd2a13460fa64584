// The lake's catalog: attaching it, its fixed tables, and the shape of its tables. Catalog: <home>/lake/catalog.ducklake
// (a DuckDB file, locked by this process). Data: <home>/lake/data/<schema>/<table>/*.parquet.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { ident, literal } from '../../infra/runtime/sql-text.ts';
import { firstRow, inTransaction, rowsOf } from './sql.ts';

export const LAKE = 'lake';
/** The database that holds the catalog's own tables. */
export const CATALOG = `__ducklake_metadata_${LAKE}`;
export const BRONZE_CHANGES = `${LAKE}.bronze.changes`;

const SCHEMAS = ['bronze', 'silver', 'gold', 'ops'] as const;

/** Bookkeeping of the lake itself; columns of ops.commits are the store's. */
const OPS_DDL = `
CREATE TABLE IF NOT EXISTS ${LAKE}.ops.publications (publication_id BIGINT, commit_id BIGINT, gold_commit_id BIGINT, seq BIGINT, gtid VARCHAR, gold_gtid VARCHAR,
  committed_at TIMESTAMPTZ, chain VARCHAR, offsets VARCHAR, epoch BIGINT, code_version VARCHAR, published_at TIMESTAMPTZ);
CREATE TABLE IF NOT EXISTS ${LAKE}.ops.writers (epoch BIGINT, opened_at TIMESTAMPTZ, code_version VARCHAR);`;

/** Options of the lake; each was measured or is needed for safety. */
const OPTIONS: Readonly<Record<string, string | number>> = {
  parquet_compression: 'zstd',
  parquet_version: 2,
  target_file_size: '128MB',
  /** A data file is rewritten when this share of its rows is deleted. */
  rewrite_delete_threshold: 0.1,
};

export interface LakePaths {
  readonly folder: string;
  readonly data: string;
  readonly catalog: string;
  /** The catalog for readers in other processes. */
  readonly readersCatalog: string;
}

/** @param folder <home>/lake */
export function lakePaths(folder: string): LakePaths {
  const absolute = path.resolve(folder);
  return {
    folder: absolute,
    data: path.join(absolute, 'data'),
    catalog: path.join(absolute, 'catalog.ducklake'),
    readersCatalog: path.join(absolute, 'ledgerflow.ducklake'),
  };
}

/**
 * Attaches the lake as `lake` and makes its fixed tables; the extension is loaded.
 * @throws LedgerflowError LF_LAKE_OPEN
 */
export async function attachLake(connection: DuckDBConnection, paths: LakePaths): Promise<void> {
  mkdirSync(paths.data, { recursive: true });
  try {
    // Inlined rows made time travel after a rewrite wrong (docs/adr/0006): every row goes to Parquet.
    const options = `DATA_PATH ${literal(`${paths.data}/`)}, DATA_INLINING_ROW_LIMIT 0, OVERRIDE_DATA_PATH true`;
    await connection.run(`ATTACH IF NOT EXISTS ${literal(`ducklake:${paths.catalog}`)} AS ${LAKE} (${options})`);
    if (!(await hasLayout(connection))) await createLayout(connection);
  } catch (error) {
    throw new LedgerflowError('LF_LAKE_OPEN', `the lake's catalog cannot be opened: ${messageOf(error)}`, {
      where: paths.catalog,
      cause: error,
    });
  }
}

async function hasLayout(connection: DuckDBConnection): Promise<boolean> {
  const sql = `SELECT count(*) FROM duckdb_tables() WHERE database_name = '${LAKE}' AND schema_name = 'ops' AND table_name = 'writers'`;
  return Number((await firstRow(connection, sql))?.[0]) === 1;
}

async function createLayout(connection: DuckDBConnection): Promise<void> {
  for (const [name, value] of Object.entries(OPTIONS)) {
    await connection.run(`CALL ${LAKE}.set_option(${literal(name)}, ${typeof value === 'string' ? literal(value) : value})`);
  }
  await inTransaction(connection, async () => {
    for (const schema of SCHEMAS) await connection.run(`CREATE SCHEMA IF NOT EXISTS ${LAKE}.${schema}`);
    await connection.run(`CREATE TABLE IF NOT EXISTS ${BRONZE_CHANGES} AS FROM _bronze.tail LIMIT 0`);
    await connection.run(`CREATE TABLE IF NOT EXISTS ${LAKE}.ops.commits AS FROM ops.commits LIMIT 0`);
    await connection.run(OPS_DDL);
  });
}

/** Column types by schema, table and column of what the lake holds. Only the publisher changes it, so it remembers it. */
export type LakeShapes = Map<string, Map<string, Map<string, string>>>;

export async function readShapes(connection: DuckDBConnection): Promise<LakeShapes> {
  const shapes: LakeShapes = new Map(SCHEMAS.map((schema) => [schema, new Map<string, Map<string, string>>()]));
  const sql = `SELECT t.schema_name, t.table_name, c.column_name, c.data_type FROM duckdb_tables() t
    LEFT JOIN duckdb_columns() c ON c.database_name = t.database_name AND c.schema_name = t.schema_name AND c.table_name = t.table_name
    WHERE t.database_name = '${LAKE}'`;
  for (const [schema, table, column, type] of await rowsOf(connection, sql)) {
    const tables = shapes.get(schema as string);
    const columns = tables?.get(table as string) ?? new Map<string, string>();
    tables?.set(table as string, columns);
    if (column !== null) columns.set(column as string, type as string);
  }
  return shapes;
}

/** Columns of a relation of the store, in order: name and DuckDB type. */
export async function storeColumns(connection: DuckDBConnection, relation: string): Promise<[string, string][]> {
  return (await rowsOf(connection, `DESCRIBE ${relation}`)).map((row) => [row[0] as string, row[1] as string]);
}

export function lakeTable(schema: string, table: string): string {
  return `${LAKE}.${ident(schema)}.${ident(table)}`;
}
