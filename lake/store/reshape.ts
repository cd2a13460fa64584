// SQL that brings a captured table from one shape to the next, and that puts a table that was read again in the place of the old one.

import { sourceColumn, type Reshape } from '../../cdc/schema/change-plan.ts';
import { columnType } from '../../cdc/schema/column-type.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { ident } from '../../infra/runtime/sql-text.ts';
import { VERSION_COLUMNS } from './layout.ts';
import {
  columnNames,
  createMarksSql,
  createPastSql,
  dropTableSql,
  dropViewsSql,
  foldTableSql,
  goneTable,
  pastTable,
  putAsideSql,
  renameTableSql,
  rowsTable,
  viewsSql,
} from './tables.ts';

const PLAIN: Reshape = { renamed: new Map(), values: new Map(), rekey: false };

/** Name under which a held table is stored while it is read again. */
export function nextName(table: string): string {
  return `${table}@next`;
}

export interface ReshapeOptions {
  readonly commitId: number;
  readonly reshape?: Reshape | undefined;
  /** Folded versions do not take the new shape and are put aside. */
  readonly archive?: boolean | undefined;
  /** The table has no readers' views. */
  readonly hidden?: boolean;
}

/**
 * Rows keep their values under their columns' new names; added columns take the values of `reshape`, or NULL. One change is an ALTER;
 * several are one new table, because DuckDB 1.5.5 refuses to commit some sequences of ALTERs in one transaction ("another transaction
 * has altered this table"), and any DELETE before one.
 */
export function alterTableSql(before: TableSchema, after: TableSchema, options: ReshapeOptions): string {
  const { commitId, reshape = PLAIN, archive = false, hidden = false } = options;
  const { table } = after;
  const steps = columnSteps(before, after, reshape);
  const settle = (reshape.rekey || archive) && before.keyColumns.length > 0;
  const kept = steps.drops.map((name): Renamed => [`${name}@${commitId}`, name]);
  const past = {
    ...steps,
    drops: [],
    renames: [...steps.renames, ...kept],
    adds: steps.adds.map(({ name, type }) => ({ name, type, value: 'NULL' })),
  };
  const keys = {
    drops: [],
    adds: [],
    renames: steps.renames.filter(([, was]) => before.keyColumns.includes(was)),
    types: steps.types.filter(({ name }) => after.keyColumns.includes(name)),
  };
  return [
    ...(settle ? [moveDeadSql(before, commitId)] : []),
    settle ? rebuildSql('_rows', table, { steps, from: liveVersionsSql(before) }) : changeSql('_rows', table, steps),
    archive ? `${putAsideSql(table, commitId)}\n${createPastSql(after)}` : changeSql('_past', table, past),
    settle ? `DROP TABLE ${goneTable(table)};\n${createMarksSql(after)}` : changeSql('_gone', table, keys),
    ...(hidden ? [] : [viewsSql(after)]),
  ].join('\n');
}

/** New name, name before. */
type Renamed = readonly [string, string];

interface ColumnSteps {
  readonly drops: readonly string[];
  readonly renames: readonly Renamed[];
  /** `name` is the new one; `was` is what it is cast from. */
  readonly types: readonly { readonly name: string; readonly was: string; readonly type: string }[];
  readonly adds: readonly { readonly name: string; readonly type: string; readonly value: string }[];
}

function columnSteps(before: TableSchema, after: TableSchema, { renamed, values }: Reshape): ColumnSteps {
  const old = new Map(before.columns.map((column) => [column.name, column]));
  const sources = new Set(after.columns.map(({ name }) => sourceColumn(name, renamed)));
  const adds: ColumnSteps['adds'][number][] = [];
  const types: ColumnSteps['types'][number][] = [];
  for (const column of after.columns) {
    const was = sourceColumn(column.name, renamed);
    const previous = old.get(was ?? '');
    const type = columnType(column).duckdbType;
    if (was === undefined || previous === undefined) adds.push({ name: column.name, type, value: values.get(column.name) ?? 'NULL' });
    else if (columnType(previous).duckdbType !== type) types.push({ name: column.name, was, type });
  }
  const drops = before.columns.map(({ name }) => name).filter((name) => !sources.has(name));
  return { drops, renames: [...renamed], types, adds };
}

function changeSql(schema: string, table: string, steps: ColumnSteps): string {
  const name = `${schema}.${ident(table)}`;
  const { drops, renames, types, adds } = steps;
  const count = drops.length + renames.length + types.length + adds.length;
  if (count === 0) return '';
  if (count > 1) return rebuildSql(schema, table, { steps, from: name });
  const step = [
    ...drops.map((column) => `DROP COLUMN ${ident(column)}`),
    ...renames.map(([now, was]) => `RENAME COLUMN ${ident(was)} TO ${ident(now)}`),
    ...types.map((column) => `ALTER COLUMN ${ident(column.name)} TYPE ${column.type}`),
    ...adds.map((column) => `ADD COLUMN ${ident(column.name)} ${column.type}${column.value === 'NULL' ? '' : ` DEFAULT ${column.value}`}`),
  ];
  return `ALTER TABLE ${name} ${step.join('')};`;
}

/** The table made anew from a relation that has its old columns. */
function rebuildSql(schema: string, table: string, { steps, from }: { steps: ColumnSteps; from: string }): string {
  const [name, made] = [`${schema}.${ident(table)}`, `${table}@made`];
  const { drops, renames, types, adds } = steps;
  const retyped = new Set(types.map((column) => column.name));
  const gone = new Set([...drops, ...renames.map(([, was]) => was), ...types.map(({ was }) => was)]);
  const columns = [
    gone.size === 0 ? '*' : `* EXCLUDE (${[...gone].map(ident).join(', ')})`,
    ...renames.filter(([now]) => !retyped.has(now)).map(([now, was]) => `${ident(was)} AS ${ident(now)}`),
    ...types.map((column) => `CAST(${ident(column.was)} AS ${column.type}) AS ${ident(column.name)}`),
    ...adds.map((column) => `CAST(${column.value} AS ${column.type}) AS ${ident(column.name)}`),
  ];
  return `CREATE TABLE ${schema}.${ident(made)} AS SELECT ${columns.join(', ')} FROM ${from};
DROP TABLE ${name}; ALTER TABLE ${schema}.${ident(made)} RENAME TO ${ident(table)};`;
}

/** Versions that a mark supersedes, and deletes, as a fold would move them: without deleting them where they are. */
function moveDeadSql(schema: TableSchema, commitId: number): string {
  return `${foldTableSql(schema, commitId).split(';\n')[0] ?? ''};`;
}

function liveVersionsSql(schema: TableSchema): string {
  const keys = schema.keyColumns.map(ident);
  const marks = `(SELECT ${keys.join(', ')}, max(_pos) AS _max FROM ${goneTable(schema.table)} GROUP BY ${keys.join(', ')})`;
  return `(SELECT r.* FROM ${rowsTable(schema.table)} r ANTI JOIN ${marks} g ON ${keys.map((key) => `g.${key} = r.${key}`).join(' AND ')} AND r._pos < g._max WHERE r._op <> 'd')`;
}

/**
 * The table read again (`T@next`) takes the place of `T`. Where both have the same columns its history goes on, else it is put aside.
 * @param before shape of T in the store; undefined when it has none
 * @param keptFrom versions of T from this position on are in `T@next` too, and not put into its history
 */
export function replaceTableSql(
  before: TableSchema | undefined,
  after: TableSchema,
  commitId: number,
  keptFrom: bigint | null = null,
): string {
  const { table } = after;
  const next = nextName(table);
  const takeOver = `${renameTableSql(next, table)}\n${viewsSql(after)}`;
  if (before === undefined) return takeOver;
  if (!sameColumns(before, after)) return `${dropTableSql(before, commitId)}\n${takeOver}`;
  const columns = [...columnNames(after), ...VERSION_COLUMNS.map(({ name }) => name)].join(', ');
  return `${dropViewsSql(table)}
INSERT INTO ${pastTable(next)} (${columns}, _gone_commit) SELECT ${columns}, _gone_commit FROM ${pastTable(table)} UNION ALL SELECT ${columns}, ${commitId} FROM ${rowsTable(table)}${keptFrom === null ? '' : ` WHERE _pos < ${keptFrom}`};
DROP TABLE ${pastTable(table)}; DROP TABLE ${rowsTable(table)}; DROP TABLE ${goneTable(table)};
${takeOver}`;
}

/** What was read again is given up. */
export function dropNextSql(table: string): string {
  const next = nextName(table);
  return [rowsTable(next), goneTable(next), pastTable(next)].map((name) => `DROP TABLE IF EXISTS ${name};`).join(' ');
}

function sameColumns(before: TableSchema, after: TableSchema): boolean {
  const shape = (schema: TableSchema): string =>
    [...schema.columns.map((column) => `${column.name} ${columnType(column).duckdbType}`).sort(), ...schema.keyColumns].join('\0');
  return shape(before) === shape(after);
}
