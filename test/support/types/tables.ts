// Tables of the world of types: their DDL, their rows, and the SELECTs that read them back from MySQL and from silver.

import { ident } from '../../../infra/runtime/sql-text.ts';
import { FORMS, type Form } from './forms.ts';
import type { Family, TypeCase } from './world.ts';

export interface WorldColumn {
  readonly name: string;
  readonly type: string;
  readonly form: Form;
}

/** A table with an integer key `id`, whose rows below 1000 are the original ones. */
export interface WorldTable {
  readonly table: string;
  readonly ddl: string;
  /** One INSERT per row. */
  readonly inserts: readonly string[];
  readonly columns: readonly WorldColumn[];
  /** Columns that an INSERT may name. */
  readonly written: readonly string[];
}

/** A MySQL identifier. */
export function name(text: string): string {
  return `\`${text.replaceAll('`', '``')}\``;
}

/** Every case twice: `n<i>` may be NULL (and is, in the last row), `r<i>` may not. */
export function wideTable({ table, cases }: Family): WorldTable {
  const rows = Math.max(...cases.map(({ values }) => values.length));
  const columns = cases.flatMap((one, index) => columnPair(one, index));
  const inserts = Array.from({ length: rows + 1 }, (_unused, row) => {
    const values = cases.flatMap(({ values: all }) => {
      const value = all[row % all.length] ?? 'NULL';
      return row === rows ? ['NULL', value] : [value, value];
    });
    return `(${row + 1}, ${values.join(', ')})`;
  });
  const written = columns.map((column) => column.name);
  const definitions = columns.map(({ name: column, type }) => `${name(column)} ${type}`);
  return {
    table,
    ddl: `(id INT PRIMARY KEY, ${definitions.join(', ')}) ROW_FORMAT=DYNAMIC`,
    inserts: inserts.map((row) => `(id, ${written.map(name).join(', ')}) VALUES ${row}`),
    columns,
    written,
  };
}

function columnPair({ type, form }: TypeCase, index: number): WorldColumn[] {
  return [
    { name: `n${index}`, type: `${type} NULL`, form: FORMS[form] },
    { name: `r${index}`, type: `${type} NOT NULL`, form: FORMS[form] },
  ];
}

/** All rows from MySQL, `id` first. Run as a prepared statement, so that doubles keep their bits. */
export function mysqlSelect(table: string, columns: readonly WorldColumn[], key = 'id'): string {
  return `SELECT ${[key, ...columns.map((column) => column.form.mysql(name(column.name)))].join(', ')} FROM ${name(table)} ORDER BY ${key}`;
}

/** The same from a relation of DuckDB, all columns VARCHAR. */
export function lakeSelect(relation: string, columns: readonly WorldColumn[], key = 'id'): string {
  return `SELECT ${[`CAST(${key} AS VARCHAR)`, ...columns.map((column) => column.form.lake(ident(column.name)))].join(', ')} FROM ${relation} ORDER BY ${key}`;
}

/** One line per value that is not the same on both sides. */
export function differences(
  table: string,
  columns: readonly WorldColumn[],
  wanted: readonly (readonly unknown[])[],
  got: readonly (readonly unknown[])[],
): string[] {
  const found: string[] = [];
  const byId = new Map(got.map((row) => [String(row[0]), row]));
  if (byId.size !== got.length) found.push(`${table}: a key twice`);
  for (const row of wanted) {
    const other = byId.get(String(row[0]));
    byId.delete(String(row[0]));
    if (other === undefined) found.push(`${table} row ${String(row[0])} is missing`);
    else
      columns.forEach((column, index) => {
        const [left, right] = [canonical(column, row[index + 1]), canonical(column, other[index + 1])];
        if (left !== right)
          found.push(
            `${table} row ${String(row[0])} ${column.name} ${column.type.slice(0, 60)}: MySQL ${left.slice(0, 200)}, lake ${right.slice(0, 200)}`,
          );
      });
  }
  for (const id of byId.keys()) found.push(`${table} row ${id} is not in MySQL`);
  return found;
}

function canonical({ form }: WorldColumn, value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return form.canonical === undefined ? (typeof value === 'string' ? value : JSON.stringify(value)) : form.canonical(value);
}
