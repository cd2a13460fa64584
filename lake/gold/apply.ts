// Brings one model's table up to date inside the refresh transaction: rebuilt in full, or by its increment.

import type { DuckDBConnection } from '@duckdb/node-api';
import { ident, literal } from '../store/identifiers.ts';
import type { Model } from './model.ts';
import { incrementLiterals, incrementStatements, resolveRelations, restrictToWindow, type RefreshScope } from './relations.ts';
import { changedKeysSql, isInsertOnly } from './window.ts';

export interface MutableScope extends RefreshScope {
  readonly fresh: Set<string>;
  readonly stale: Set<string>;
  /** Values of the literals found so far in this refresh. */
  readonly literals: Map<string, string>;
}

const goldTable = (model: Model): string => `gold.${ident(model.name)}`;
const columnList = (model: Model): string => model.columns.map((column) => ident(column.name)).join(', ');
const keyOf = (model: Model): string => model.key.map(ident).join(', ');

/** DDL of a model's table, as its header declares it. */
function createTableSql(model: Model): string {
  const columns = model.columns.map(
    (column) => `${ident(column.name)} ${column.type}${column.uncompressed ? ' USING COMPRESSION UNCOMPRESSED' : ''}`,
  );
  return `CREATE OR REPLACE TABLE ${goldTable(model)} (${columns.join(', ')})`;
}

/** Makes the table anew from the model's SELECT. Returns its rows. */
export async function rebuildTable(connection: DuckDBConnection, model: Model): Promise<number> {
  const order = model.order === null ? '' : ` ORDER BY ${model.order}`;
  await connection.run(createTableSql(model));
  const result = await connection.run(
    `INSERT INTO ${goldTable(model)} (${columnList(model)}) SELECT ${columnList(model)} FROM (${model.sql})${order}`,
  );
  return result.rowsChanged;
}

/** Applies the window's changes to the table. */
export async function incrementTable(connection: DuckDBConnection, model: Model, scope: MutableScope): Promise<void> {
  if (model.refresh === 'rows') await replaceRows(connection, model, scope);
  else if (model.refresh === 'sums') await connection.run(sumsSql(model, scope));
  else await runIncrement(connection, model, scope);
}

async function replaceRows(connection: DuckDBConnection, model: Model, scope: MutableScope): Promise<void> {
  const window = scope.windows.get(model.silverInputs[0]?.table ?? '');
  if (window === undefined) return;
  const statements: string[] = [];
  if (!isInsertOnly(window)) {
    const stale = `temp.${ident(`stale_${model.name}`)}`;
    statements.push(
      `CREATE OR REPLACE TEMP TABLE ${ident(`stale_${model.name}`)} AS SELECT * FROM ${goldTable(model)} WHERE (${keyOf(model)}) IN ${changedKeysSql(window)}`,
      `DELETE FROM ${goldTable(model)} WHERE (${keyOf(model)}) IN (SELECT ${keyOf(model)} FROM ${stale})`,
    );
    scope.stale.add(model.name);
  }
  if (window.versions > 0) {
    statements.push(
      `CREATE OR REPLACE TEMP TABLE ${ident(`fresh_${model.name}`)} AS ${restrictToWindow(model.sql, scope)}`,
      `INSERT INTO ${goldTable(model)} (${columnList(model)}) SELECT ${columnList(model)} FROM temp.${ident(`fresh_${model.name}`)}`,
    );
    scope.fresh.add(model.name);
  }
  if (statements.length > 0) await connection.run(statements.join(';\n'));
}

/** One MERGE: the model's own SELECT over what came, minus the same over what went. */
function sumsSql(model: Model, scope: RefreshScope): string {
  const over = (kind: 'fresh' | 'stale'): string => resolveRelations(model.sql.replaceAll(/\bgold\.(\w+)/g, `${kind}.$1`), scope);
  const signed = (sign: string): string => [keyOf(model), ...model.sums.map((sum) => `${sign}${ident(sum)} AS ${ident(sum)}`)].join(', ');
  const inputs = [`SELECT ${signed('')} FROM (${over('fresh')})`];
  if (model.goldInputs.some((input) => scope.stale.has(input))) inputs.push(`SELECT ${signed('-')} FROM (${over('stale')})`);
  const totals = model.sums.map((sum) => `sum(${ident(sum)}) AS ${ident(sum)}`).join(', ');
  const source =
    inputs.length === 1
      ? inputs.join('')
      : `SELECT ${keyOf(model)}, ${totals} FROM (${inputs.join(' UNION ALL ')}) GROUP BY ${keyOf(model)}`;
  const columns = [...model.key, ...model.sums].map(ident);
  const count = ident(model.sums[0] ?? '');
  return `MERGE INTO ${goldTable(model)} AS t USING (${source}) AS n ON ${model.key.map((key) => `t.${ident(key)} IS NOT DISTINCT FROM n.${ident(key)}`).join(' AND ')}
WHEN MATCHED AND t.${count} + n.${count} = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET ${model.sums.map((sum) => `${ident(sum)} = t.${ident(sum)} + n.${ident(sum)}`).join(', ')}
WHEN NOT MATCHED AND n.${count} <> 0 THEN INSERT (${columns.join(', ')}) VALUES (${columns.map((column) => `n.${column}`).join(', ')})`;
}

async function runIncrement(connection: DuckDBConnection, model: Model, scope: MutableScope): Promise<void> {
  const text = model.increment ?? '';
  await findLiterals(connection, text, scope);
  const statements = incrementStatements(text, scope, scope.literals).map((statement) =>
    putLiterals(resolveRelations(statement, scope), scope),
  );
  if (statements.length > 0) await connection.run(statements.join(';\n'));
}

/** Finds the values of a text's literals that this refresh does not know yet, each after the ones before it. */
export async function findLiterals(connection: DuckDBConnection, text: string, scope: MutableScope): Promise<void> {
  for (const { name, sql } of incrementLiterals(text)) {
    if (scope.literals.has(name)) continue;
    const reader = await connection.runAndReadAll(`SELECT CAST((${putLiterals(resolveRelations(sql, scope), scope)}) AS VARCHAR)`);
    const value = reader.getRows()[0]?.[0] as string | null | undefined;
    scope.literals.set(name, value === null || value === undefined ? 'NULL' : literal(value));
  }
}

/** Puts the literals' values in place of {{name}}. */
export function putLiterals(sql: string, scope: MutableScope): string {
  return sql.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => scope.literals.get(name) ?? 'NULL');
}
