// Where gold's rows are. Readers see schema gold only.
//
//   gold.M             a table (rows), or a view (sums, view)
//   _gold.M            the settled rows of a `sums` model
//   _gold.changes_F    what came to (_sign 1) and went from (_sign -1) the `rows` model F since the sums over it were settled
//   _gold.pending_M    view: what those changes add to the sums of M
// A refresh writes facts and their changes; the sums follow by the views, at the same commit. Settling moves them into _gold.M.

import type { DuckDBConnection } from '@duckdb/node-api';
import { ident, literal } from '../../infra/runtime/sql-text.ts';
import type { Model } from './model.ts';

export const GOLD_SCHEMA_DDL = 'CREATE SCHEMA IF NOT EXISTS _gold';

export const readerRelation = (name: string): string => `gold.${ident(name)}`;
export const settledTable = (name: string): string => `_gold.${ident(name)}`;
export const changesTable = (fact: string): string => `_gold.${ident(`changes_${fact}`)}`;
export const pendingView = (name: string): string => `_gold.${ident(`pending_${name}`)}`;

export const columnList = (model: Model): string => model.columns.map((column) => ident(column.name)).join(', ');

/** Models whose sums are kept over a `rows` model. */
export function sumsOver(models: readonly Model[], fact: string): Model[] {
  return models.filter((model) => model.refresh === 'sums' && model.goldInputs.includes(fact));
}

/** The `rows` models that some sums are kept over. */
export function summedFacts(models: readonly Model[]): Model[] {
  return models.filter((model) => model.refresh === 'rows' && sumsOver(models, model.name).length > 0);
}

/** The table that holds a model's own rows. */
export function createTableSql(model: Model): string {
  const table = model.refresh === 'sums' ? settledTable(model.name) : readerRelation(model.name);
  const columns = model.columns.map(
    (column) => `${ident(column.name)} ${column.type}${column.uncompressed ? ' USING COMPRESSION UNCOMPRESSED' : ''}`,
  );
  return `CREATE OR REPLACE TABLE ${table} (${columns.join(', ')})`;
}

export function createChangesSql(fact: Model, how: 'CREATE OR REPLACE TABLE' | 'CREATE TABLE IF NOT EXISTS'): string {
  return `${how} ${changesTable(fact.name)} (${fact.columns.map((column) => `${ident(column.name)} ${column.type}`).join(', ')}, _sign INTEGER)`;
}

/** Clears the reader's name when an earlier version of the code made something else of it. */
export async function clearOtherKind(connection: DuckDBConnection, model: Model): Promise<void> {
  const wanted = model.refresh === 'rows' ? 'TABLE' : 'VIEW';
  const where = `database_name = current_database() AND schema_name = 'gold'`;
  const found = await connection.runAndReadAll(
    `SELECT 'TABLE' FROM duckdb_tables() WHERE ${where} AND table_name = ${literal(model.name)} UNION ALL SELECT 'VIEW' FROM duckdb_views() WHERE ${where} AND view_name = ${literal(model.name)}`,
  );
  for (const [kind] of found.getRows()) if (kind !== wanted) await connection.run(`DROP ${String(kind)} ${readerRelation(model.name)}`);
}
