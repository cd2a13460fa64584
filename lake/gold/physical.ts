// Where gold's rows are. Readers see schema gold only.
//
//   gold.M             a table (rows, turn, history), or a view (sums, view)
//   _gold.M            the settled rows of a `sums` model
//   _gold.changes_F    what came to (_sign 1) and went from (_sign -1) the followed `rows` model F since the sums over it were settled
//   _gold.pending_M    view: what those changes add to the sums of M
// A refresh writes facts and their changes; the sums follow by the views, at the same commit. Settling moves them into _gold.M.

import type { DuckDBConnection } from '@duckdb/node-api';
import { ident, literal } from '../../infra/runtime/sql-text.ts';
import type { Model } from './model.ts';

/** _gold.touched: groups that changed since the last turn (turn.ts). */
export const GOLD_SCHEMA_DDL = `CREATE SCHEMA IF NOT EXISTS _gold;
CREATE TABLE IF NOT EXISTS _gold.touched (fact VARCHAR NOT NULL, name VARCHAR NOT NULL, key BIGINT);`;

export const readerRelation = (name: string): string => `gold.${ident(name)}`;
export const settledTable = (name: string): string => `_gold.${ident(name)}`;
export const changesTable = (fact: string): string => `_gold.${ident(`changes_${fact}`)}`;
export const pendingView = (name: string): string => `_gold.${ident(`pending_${name}`)}`;

export const columnList = (model: Model): string => model.columns.map((column) => ident(column.name)).join(', ');

/** Models whose sums are kept over a `rows` model. */
export function sumsOver(models: readonly Model[], fact: string): Model[] {
  return models.filter((model) => model.refresh === 'sums' && model.goldInputs.includes(fact));
}

/** The `rows` models that some sums are kept over, or whose changes touch groups. */
export function followedFacts(models: readonly Model[]): Model[] {
  return models.filter(
    (model) => model.refresh === 'rows' && (sumsOver(models, model.name).length > 0 || groupColumns(models, model.name).length > 0),
  );
}

/** Models whose table is brought up to date on turns. */
export function turnModels(models: readonly Model[]): Model[] {
  return models.filter(({ refresh }) => refresh === 'turn' || refresh === 'history');
}

/** Captured tables each model is made of, through other models too. @param models in order: each after its inputs */
export function capturedSources(models: readonly Model[]): Map<string, string[]> {
  const sources = new Map<string, string[]>();
  for (const { name, silverInputs, goldInputs } of models)
    sources.set(name, [
      ...new Set([...silverInputs.map(({ table }) => table), ...goldInputs.flatMap((input) => sources.get(input) ?? [])]),
    ]);
  return sources;
}

/** Group columns of a fact that turn models recompute by. */
export function groupColumns(models: readonly Model[], fact: string): string[] {
  return [...new Set(models.flatMap(({ groups }) => (groups?.facts.includes(fact) === true ? [groups.column] : [])))];
}

/** Keeps the groups that the changes of a fact touch for the next turn. */
export function touchSql(fact: string, column: string): string {
  return `INSERT INTO _gold.touched SELECT DISTINCT ${literal(fact)}, ${literal(column)}, ${ident(column)} FROM ${changesTable(fact)}`;
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
  const wanted = model.refresh === 'sums' || model.refresh === 'view' ? 'VIEW' : 'TABLE';
  const where = `database_name = current_database() AND schema_name = 'gold'`;
  const found = await connection.runAndReadAll(
    `SELECT 'TABLE' FROM duckdb_tables() WHERE ${where} AND table_name = ${literal(model.name)} UNION ALL SELECT 'VIEW' FROM duckdb_views() WHERE ${where} AND view_name = ${literal(model.name)}`,
  );
  for (const [kind] of found.getRows()) if (kind !== wanted) await connection.run(`DROP ${String(kind)} ${readerRelation(model.name)}`);
}
