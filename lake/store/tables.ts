// Physical tables and reader views of one captured table (layout.ts), and their change when the source's schema changes.

import { columnType } from '../../cdc/schema/column-type.ts';
import type { ColumnSchema, TableSchema } from '../../cdc/schema/table-schema.ts';
import { ident, literal } from '../../infra/runtime/sql-text.ts';
import { keyText } from '../verify/canonical.ts';
import { VERSION_COLUMNS } from './layout.ts';

const VERSION_NAMES = VERSION_COLUMNS.map((column) => column.name);

export function rowsTable(table: string): string {
  return `_rows.${ident(table)}`;
}
export function goneTable(table: string): string {
  return `_gone.${ident(table)}`;
}
export function pastTable(table: string): string {
  return `_past.${ident(table)}`;
}

/** Columns of T as a list of quoted names. */
export function columnNames(schema: TableSchema): string[] {
  return schema.columns.map((column) => ident(column.name));
}

export function columnDefinitions(columns: readonly ColumnSchema[]): string[] {
  return columns.map((column) => `${ident(column.name)} ${columnType(column).duckdbType}`);
}

export function keyColumns(schema: TableSchema): ColumnSchema[] {
  return schema.keyColumns.map((name) => {
    const column = schema.columns.find((candidate) => candidate.name === name);
    if (column === undefined) throw new Error(`key column ${name} is not a column of ${schema.table}`);
    return column;
  });
}

/** DDL of a table seen for the first time. */
export function createTableSql(schema: TableSchema): string {
  return `${createPhysicalSql(schema)}
${viewsSql(schema)}`;
}

/** The same without the readers' views. */
export function createPhysicalSql(schema: TableSchema): string {
  return `CREATE TABLE ${rowsTable(schema.table)} (${versionDefinitions(schema)});
${createMarksSql(schema)}
${createPastSql(schema)}`;
}

function versionDefinitions(schema: TableSchema): string {
  const versions = VERSION_COLUMNS.map((column) => `${column.name} ${column.type}`);
  return [...columnDefinitions(schema.columns), ...versions].join(', ');
}

export function createMarksSql(schema: TableSchema): string {
  const marks = [...columnDefinitions(keyColumns(schema)), '_pos BIGINT', '_commit BIGINT'].join(', ');
  return `CREATE TABLE ${goneTable(schema.table)} (${marks});`;
}

export function createPastSql(schema: TableSchema): string {
  return `CREATE TABLE ${pastTable(schema.table)} (${versionDefinitions(schema)}, _gone_commit BIGINT);`;
}

/** Reader views: live rows and history. */
export function viewsSql(schema: TableSchema): string {
  const columns = columnNames(schema);
  const versions = [...columns, ...VERSION_NAMES].join(', ');
  const keys = schema.keyColumns.map(ident);
  const live =
    keys.length === 0
      ? `SELECT ${columns.join(', ')} FROM ${rowsTable(schema.table)} WHERE _op <> 'd'`
      : `SELECT ${columns.map((name) => `r.${name}`).join(', ')} FROM ${rowsTable(schema.table)} r
  ANTI JOIN (SELECT ${keys.join(', ')}, max(_pos) AS _max FROM ${goneTable(schema.table)} GROUP BY ${keys.join(', ')}) g
  ON ${keys.map((name) => `g.${name} = r.${name}`).join(' AND ')} AND r._pos < g._max
  WHERE r._op <> 'd'`;
  const validTo = keys.length === 0 ? 'NULL::TIMESTAMP' : `lead(_ts) OVER (PARTITION BY ${keys.join(', ')} ORDER BY _pos)`;
  return `CREATE OR REPLACE VIEW silver.${ident(schema.table)} AS ${live};
CREATE OR REPLACE VIEW silver.${ident(`${schema.table}_history`)} AS
  SELECT ${columns.join(', ')}, _op, _pos, _commit, _ts AS _valid_from, ${validTo} AS _valid_to
  FROM (SELECT ${versions} FROM ${pastTable(schema.table)} UNION ALL SELECT ${versions} FROM ${rowsTable(schema.table)});`;
}

/** The table is gone; its versions stay under a name of their own, `T@<commit>`. */
export function dropTableSql(schema: TableSchema, commitId: number): string {
  const columns = [...columnNames(schema), ...VERSION_NAMES].join(', ');
  const { table } = schema;
  return `${dropViewsSql(table)}
INSERT INTO ${pastTable(table)} (${columns}, _gone_commit) SELECT ${columns}, ${commitId} FROM ${rowsTable(table)};
${putAsideSql(table, commitId)}
DROP TABLE ${rowsTable(table)}; DROP TABLE ${goneTable(table)};`;
}

/** Folded versions get a name of their own; ops.table_schemas has the shape. */
export function putAsideSql(table: string, commitId: number): string {
  return `ALTER TABLE ${pastTable(table)} RENAME TO ${ident(`${table}@${commitId}`)};`;
}

export function dropViewsSql(table: string): string {
  return `DROP VIEW IF EXISTS silver.${ident(table)}; DROP VIEW IF EXISTS silver.${ident(`${table}_history`)};`;
}

/** RENAME TABLE: rows, marks and history go with the name. The views of the new name are the caller's to make. */
export function renameTableSql(from: string, to: string): string {
  const renames = [rowsTable(from), goneTable(from), pastTable(from)].map((table) => `ALTER TABLE ${table} RENAME TO ${ident(to)};`);
  return `${dropViewsSql(from)}\n${renames.join('\n')}`;
}

/**
 * Marks everything of the table below the position as superseded: TRUNCATE, a snapshot that began again, rows that were read again.
 * @param keys canonical keys (lake/verify/canonical.ts) of the only rows that are meant; null for all
 */
export function clearTableSql(schema: TableSchema, beforePos: bigint, commitId: number, keys: readonly string[] | null = null): string {
  const columns = [...columnNames(schema), ...VERSION_NAMES].join(', ');
  const meant = keys === null ? '' : ` AND ${keyText(keyColumns(schema), 'duckdb')} IN (${keys.map(literal).join(', ')})`;
  const where = `WHERE _pos < ${beforePos}${meant}`;
  return `INSERT INTO ${pastTable(schema.table)} (${columns}, _gone_commit) SELECT ${columns}, ${commitId} FROM ${rowsTable(schema.table)} ${where};
DELETE FROM ${rowsTable(schema.table)} ${where};
DELETE FROM ${goneTable(schema.table)} ${where};`;
}

/**
 * Moves superseded versions of one table into _past: everything a mark of `upTo` or an earlier commit supersedes,
 * and the deletes themselves.
 */
export function foldTableSql(schema: TableSchema, upToCommit: number): string {
  if (schema.keyColumns.length === 0) return '';
  const keys = schema.keyColumns.map(ident);
  const columns = [...columnNames(schema), ...VERSION_NAMES];
  const dead = `(SELECT ${keys.join(', ')}, max(_pos) AS _max, max(_commit) AS _by FROM ${goneTable(schema.table)} WHERE _commit <= ${upToCommit} GROUP BY ${keys.join(', ')}) g`;
  const condition = `${keys.map((name) => `r.${name} = g.${name}`).join(' AND ')} AND (r._pos < g._max OR (r._pos = g._max AND r._op = 'd'))`;
  return `INSERT INTO ${pastTable(schema.table)} (${columns.join(', ')}, _gone_commit) SELECT ${columns.map((name) => `r.${name}`).join(', ')}, g._by FROM ${rowsTable(schema.table)} r JOIN ${dead} ON ${condition};
DELETE FROM ${rowsTable(schema.table)} r USING ${dead} WHERE ${condition};
DELETE FROM ${goneTable(schema.table)} WHERE _commit <= ${upToCommit};`;
}
