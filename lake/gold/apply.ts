// Brings one model's table up to date inside the refresh transaction: rebuilt in full, or by its increment.

import type { DuckDBConnection } from '@duckdb/node-api';
import { ident, literal } from '../store/identifiers.ts';
import type { Model } from './model.ts';
import {
  applicableStatements,
  incrementLiterals,
  incrementTables,
  referredTo,
  resolveRelations,
  restrictToWindow,
  type RefreshScope,
} from './relations.ts';
import type { Statements } from './statements.ts';
import { changedKeysSql, goneSql, isEmpty, isInsertOnly, liveSql, mayHaveGone } from './window.ts';

/** What one refresh works with. */
export interface RefreshWork extends RefreshScope {
  readonly connection: DuckDBConnection;
  readonly statements: Statements;
  /** Values of the literals found so far in this refresh. */
  readonly literals: Map<string, string>;
  /** Temporary tables with rows in them. */
  readonly filled: Set<string>;
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

/** Temporary tables of the models' refreshes, empty. To be made again when a captured table changes its shape. */
export function workTablesSql(models: readonly Model[], captured: (table: string) => boolean): string[] {
  const facts = models
    .filter(({ refresh }) => refresh === 'rows')
    .flatMap((model) => {
      const columns = model.columns.map((column) => `${ident(column.name)} ${column.type}`).join(', ');
      return ['fresh', 'stale'].map((kind) => `CREATE OR REPLACE TEMP TABLE ${ident(`${kind}_${model.name}`)} (${columns})`);
    });
  const inputs = models
    .filter(({ refresh }) => refresh === 'increment')
    .flatMap((model) => model.silverInputs)
    .filter(({ table }) => captured(table));
  const arrivals = inputs.flatMap(({ table, key }) => [
    `CREATE OR REPLACE TEMP TABLE ${ident(`arrived_${table}`)} AS SELECT * FROM _rows.${ident(table)} LIMIT 0`,
    `CREATE OR REPLACE TEMP TABLE ${ident(`gone_${table}`)} AS SELECT ${key.map(ident).join(', ')} FROM _rows.${ident(table)} LIMIT 0`,
  ]);
  const own = models
    .flatMap((model) => incrementTables(model.increment ?? ''))
    .map(({ name, columns }) => `CREATE OR REPLACE TEMP TABLE ${ident(name)} (${columns})`);
  return [...facts, ...arrivals, ...own];
}

/** Applies the window's changes to the table. */
export async function incrementTable(model: Model, work: RefreshWork): Promise<void> {
  if (model.refresh === 'rows') await replaceRows(model, work);
  else if (model.refresh === 'sums') await work.statements.run(sumsSql(model));
  else await runIncrement(model, work);
}

async function fill(work: RefreshWork, table: string, select: string): Promise<void> {
  work.filled.add(table);
  await work.connection.run(`INSERT INTO temp.${ident(table)} ${select}`);
}

async function replaceRows(model: Model, work: RefreshWork): Promise<void> {
  const window = work.windows.get(model.silverInputs[0]?.table ?? '');
  if (window === undefined) return;
  const { statements } = work;
  if (!isInsertOnly(window)) {
    const stale = `stale_${model.name}`;
    await fill(work, stale, `SELECT ${columnList(model)} FROM ${goldTable(model)} WHERE (${keyOf(model)}) IN ${changedKeysSql(window)}`);
    await statements.run(`DELETE FROM ${goldTable(model)} WHERE (${keyOf(model)}) IN (SELECT ${keyOf(model)} FROM temp.${ident(stale)})`);
  }
  if (window.versions > 0) {
    const fresh = `fresh_${model.name}`;
    await fill(work, fresh, `SELECT ${columnList(model)} FROM (${restrictToWindow(model.sql, work)})`);
    await statements.run(`INSERT INTO ${goldTable(model)} (${columnList(model)}) SELECT ${columnList(model)} FROM temp.${ident(fresh)}`);
  }
}

/** One MERGE: the model's own SELECT over what came, minus the same over what went. */
function sumsSql(model: Model): string {
  const over = (kind: 'fresh' | 'stale'): string => resolveRelations(model.sql.replaceAll(/\bgold\.(\w+)/g, `${kind}.$1`));
  const signed = (sign: string): string => [keyOf(model), ...model.sums.map((sum) => `${sign}${ident(sum)} AS ${ident(sum)}`)].join(', ');
  const totals = model.sums.map((sum) => `sum(${ident(sum)}) AS ${ident(sum)}`).join(', ');
  const source = `SELECT ${keyOf(model)}, ${totals} FROM (SELECT ${signed('')} FROM (${over('fresh')}) UNION ALL SELECT ${signed('-')} FROM (${over('stale')})) GROUP BY ${keyOf(model)}`;
  const columns = [...model.key, ...model.sums].map(ident);
  const count = ident(model.sums[0] ?? '');
  return `MERGE INTO ${goldTable(model)} AS t USING (${source}) AS n ON ${model.key.map((key) => `t.${ident(key)} IS NOT DISTINCT FROM n.${ident(key)}`).join(' AND ')}
WHEN MATCHED AND t.${count} + n.${count} = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET ${model.sums.map((sum) => `${ident(sum)} = t.${ident(sum)} + n.${ident(sum)}`).join(', ')}
WHEN NOT MATCHED AND n.${count} <> 0 THEN INSERT (${columns.join(', ')}) VALUES (${columns.map((column) => `n.${column}`).join(', ')})`;
}

async function runIncrement(model: Model, work: RefreshWork): Promise<void> {
  const text = model.increment ?? '';
  await findLiterals(text, work);
  for (const table of referredTo('arrived', text)) {
    const window = work.windows.get(table);
    if (window === undefined || isEmpty(window)) continue;
    await fill(work, `arrived_${table}`, `SELECT * FROM ${liveSql(window)}`);
    if (mayHaveGone(window)) await fill(work, `gone_${table}`, `SELECT * FROM ${goneSql(window)}`);
  }
  for (const { name } of incrementTables(text)) work.filled.add(name);
  for (const statement of applicableStatements(text, work, work.literals))
    await work.statements.run(putLiterals(resolveRelations(statement), work.literals));
}

/** Finds the values of a text's literals that this refresh does not know yet, each after the ones before it. */
export async function findLiterals(text: string, work: RefreshWork): Promise<void> {
  for (const { name, sql } of incrementLiterals(text)) {
    if (work.literals.has(name)) continue;
    const reader = await work.statements.read(`SELECT CAST((${putLiterals(resolveRelations(sql), work.literals)}) AS VARCHAR)`);
    const value = reader.getRows()[0]?.[0] as string | null | undefined;
    work.literals.set(name, value === null || value === undefined ? 'NULL' : literal(value));
  }
}

/** Puts the literals' values in place of {{name}}. */
export function putLiterals(sql: string, literals: ReadonlyMap<string, string>): string {
  return sql.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => literals.get(name) ?? 'NULL');
}
