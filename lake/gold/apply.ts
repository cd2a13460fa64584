// Brings one model up to date inside the refresh transaction: rebuilt in full, or by the changed rows of its input.

import type { DuckDBConnection } from '@duckdb/node-api';
import { ident } from '../../infra/runtime/sql-text.ts';
import type { Model } from './model.ts';
import {
  changesTable,
  clearOtherKind,
  columnList,
  createChangesSql,
  createTableSql,
  followedFacts,
  groupColumns,
  readerRelation,
  settledTable,
  touchSql,
  turnModels,
} from './physical.ts';
import { restrictToWindow } from './relations.ts';
import type { Statements } from './statements.ts';
import { frozenViewSql, fullSelect, pendingViewSql, readerViewSql, settleSql } from './sums.ts';
import { turnedSql } from './turn-sql.ts';
import { changedKeysSql, isEmpty, isInsertOnly, mayHaveGone, type TableWindow } from './window.ts';

/** What one refresh works with. */
export interface RefreshWork {
  readonly connection: DuckDBConnection;
  readonly statements: Statements;
  readonly models: readonly Model[];
  readonly windows: ReadonlyMap<string, TableWindow>;
  /** Temporary tables with rows in them. */
  readonly filled: Set<string>;
  /** Changes of facts that sums are kept over, written by this refresh, at most. */
  pendingRows: number;
  /** Statements to be run in one call at the end, when there are few rows and none may have gone; null: each is run at once. */
  readonly batch: string[] | null;
}

const temp = (table: string): string => `temp.${ident(table)}`;

/** Empties temporary tables. */
export function emptyingSql(filled: ReadonlySet<string>): string[] {
  return [...filled].map((table) => `DELETE FROM ${temp(table)}`);
}

/** Makes the table or view anew from the model's SELECT. Returns its rows; -1 for a view. */
export async function rebuildModel(model: Model, work: RefreshWork): Promise<number> {
  const { connection } = work;
  const started = performance.now();
  await clearOtherKind(connection, model);
  if (model.refresh === 'view') {
    const columns = model.columns.map(({ name, type }) => `CAST(${ident(name)} AS ${type}) AS ${ident(name)}`);
    await connection.run(
      `CREATE OR REPLACE VIEW ${readerRelation(model.name)} AS SELECT ${columns.join(', ')} FROM (${fullSelect(model)})`,
    );
    return -1;
  }
  const table = model.refresh === 'sums' ? settledTable(model.name) : readerRelation(model.name);
  const order = model.order === null ? '' : ` ORDER BY ${model.order}`;
  await connection.run(createTableSql(model));
  const list = columnList(model);
  const result = await connection.run(`INSERT INTO ${table} (${list}) SELECT ${list} FROM (${fullSelect(model)})${order}`);
  if (model.refresh === 'sums') await connection.run(`${pendingViewSql(model)}; ${readerViewSql(model)}`);
  else if (turnModels([model]).length > 0) await connection.run(turnedSql(model, 'ops.state', started));
  else if (isFollowed(model, work)) await connection.run(createChangesSql(model, 'CREATE OR REPLACE TABLE'));
  return result.rowsChanged;
}

const isFollowed = (model: Model, work: RefreshWork): boolean => followedFacts(work.models).includes(model);

/** Temporary tables of the refreshes, empty. */
export function workTablesSql(models: readonly Model[]): string[] {
  return models
    .filter(({ refresh }) => refresh === 'rows')
    .flatMap((model) => {
      const columns = model.columns.map((column) => `${ident(column.name)} ${column.type}`).join(', ');
      return ['fresh', 'stale'].map((kind) => `CREATE OR REPLACE TEMP TABLE ${ident(`${kind}_${model.name}`)} (${columns})`);
    });
}

/** Returns the rows that were filled in. */
async function fill(work: RefreshWork, table: string, select: string): Promise<number> {
  const rows = await work.statements.run(`INSERT INTO ${temp(table)} ${select}`);
  if (rows > 0) work.filled.add(table);
  return rows;
}

/** Fills in at most so many rows; in a batch they are not counted. */
async function fillAtMost(work: RefreshWork, into: { readonly table: string; readonly rowsMax: number }, select: string): Promise<number> {
  const { table, rowsMax } = into;
  if (work.batch === null) return await fill(work, table, select);
  work.batch.push(`INSERT INTO ${temp(table)} ${select}`);
  work.filled.add(table);
  return rowsMax;
}

/** A statement whose count of rows does not matter. */
async function change(work: RefreshWork, sql: string): Promise<void> {
  if (work.batch === null) await work.statements.run(sql);
  else work.batch.push(sql);
}

/** Replaces the changed rows of a `rows` model; rows that are as they were are left alone. The other kinds follow by themselves. */
export async function incrementModel(model: Model, work: RefreshWork): Promise<void> {
  const window = work.windows.get(model.silverInputs[0]?.table ?? '');
  if (model.refresh !== 'rows' || window === undefined || isEmpty(window)) return;
  const [table, columns] = [readerRelation(model.name), columnList(model)];
  const fresh = `fresh_${model.name}`;
  const live = `(SELECT ${columns} FROM (${restrictToWindow(model.sql, work.windows)}))`;
  const moved = isInsertOnly(window)
    ? await fillAtMost(work, { table: fresh, rowsMax: window.versions }, `SELECT * FROM ${live}`)
    : await replace(model, work, { window, live });
  if (work.filled.has(fresh)) await change(work, `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${temp(fresh)}`);
  if (!isFollowed(model, work)) return;
  await noteChanges(model, work);
  work.pendingRows += moved;
}

/** Finds the rows that came or went, and removes those that went. Returns how many there are, at most. */
async function replace(model: Model, work: RefreshWork, from: { readonly window: TableWindow; readonly live: string }): Promise<number> {
  const { window, live } = from;
  const [table, columns, keys] = [readerRelation(model.name), columnList(model), model.key.map(ident).join(', ')];
  const [fresh, stale] = [`fresh_${model.name}`, `stale_${model.name}`];
  const same = model.columns.map(({ name }) => `s.${ident(name)} IS NOT DISTINCT FROM n.${ident(name)}`).join(' AND ');
  const before = `(SELECT ${columns} FROM ${table} WHERE (${keys}) IN ${changedKeysSql(window)})`;
  const freshRows = `SELECT n.* FROM ${live} AS n ANTI JOIN ${before} AS s ON ${same}`;
  const staleRows = (moved: string): string => `SELECT ${columns} FROM ${table} WHERE (${keys}) IN (${moved})`;
  const freshKeys = `SELECT ${keys} FROM ${temp(fresh)}`;
  if (work.batch !== null) {
    await fillAtMost(work, { table: fresh, rowsMax: window.versions }, freshRows);
    if (isFollowed(model, work)) await fillAtMost(work, { table: stale, rowsMax: window.versions }, staleRows(freshKeys));
    await change(work, `DELETE FROM ${table} WHERE (${keys}) IN (${freshKeys})`);
    return 2 * window.versions;
  }
  const came = await fill(work, fresh, freshRows);
  const gone = mayHaveGone(window) ? ` UNION (SELECT ${keys} FROM ${changedKeysSql(window)} EXCEPT SELECT ${keys} FROM ${live})` : '';
  if (came === 0 && gone === '') return 0;
  const went = await fill(work, stale, staleRows(`${freshKeys}${gone}`));
  if (went > 0) await change(work, `DELETE FROM ${table} WHERE (${keys}) IN (SELECT ${keys} FROM ${temp(stale)})`);
  return came + went;
}

/** Adds what came and went to what the sums over the model are still to take in. */
async function noteChanges(model: Model, work: RefreshWork): Promise<void> {
  const columns = columnList(model);
  for (const [table, sign] of [[`fresh_${model.name}`, 1] as const, [`stale_${model.name}`, -1] as const]) {
    if (!work.filled.has(table)) continue;
    const source = `SELECT ${columns}, ${sign} FROM ${temp(table)}`;
    await change(work, `INSERT INTO ${changesTable(model.name)} (${columns}, _sign) ${source}`);
  }
}

/** Moves what is pending for the model into its settled table. */
export async function settleModel(model: Model, work: RefreshWork): Promise<void> {
  await work.statements.run(settleSql(model));
}

/** Forgets the changes of facts: every model over them has taken them in, was built anew, or is held. */
export async function forgetChanges(facts: readonly Model[], work: RefreshWork): Promise<void> {
  for (const { name } of facts) {
    for (const column of groupColumns(work.models, name)) await work.statements.run(touchSql(name, column));
    await work.statements.run(`DELETE FROM ${changesTable(name)}`);
  }
}

/** A model that cannot be kept up to date shows what was settled last, whatever its facts do. */
export async function freezeModel(model: Model, connection: DuckDBConnection): Promise<void> {
  const settled = await connection.runAndReadAll(
    `SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = '_gold' AND table_name = '${model.name}'`,
  );
  if (model.refresh === 'sums' && settled.currentRowCount > 0) await connection.run(frozenViewSql(model));
}
