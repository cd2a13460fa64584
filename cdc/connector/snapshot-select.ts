// How the first snapshot reads a table. The text protocol says most values exactly; the columns below it spells in a way that loses
// something, so they are selected as another type whose text is exact. The binlog has the values themselves.

import { mysqlIdent } from '../../infra/runtime/sql-text.ts';

/** A column as information_schema describes it. */
export interface SourceColumn {
  readonly name: string;
  /** COLUMN_TYPE: `int(10) unsigned zerofill`. */
  readonly columnType: string;
}

interface Rule {
  readonly type: RegExp;
  readonly select: (column: string, match: RegExpExecArray) => string;
}

const RULES: readonly Rule[] = [
  // MySQL prints six digits of a FLOAT; as DOUBLE it prints all of them.
  { type: /^float/, select: (column) => `CAST(${column} AS DOUBLE)` },
  // DOUBLE(M,D) is printed with D digits, and its bits are not always those of the printed number.
  { type: /^double(\(|.*zerofill)/, select: (column) => `CAST(${column} AS DOUBLE)` },
  // Padded with zeros the driver fails on some widths (NegativeArraySizeException).
  { type: /^decimal(\(\d+,\d+\)).*zerofill/, select: (column, match) => `CAST(${column} AS DECIMAL${match[1] ?? ''})` },
  { type: /int.*zerofill/, select: (column) => `CAST(${column} AS UNSIGNED)` },
  // The driver reads YEAR 0000 as 2000; the binlog says 1900 for it, which no YEAR can be.
  { type: /^year/, select: (column) => `CASE WHEN ${column} = 0 THEN 1900 ELSE CAST(${column} AS SIGNED) END` },
];

function selected({ name, columnType }: SourceColumn): string {
  const column = mysqlIdent(name);
  for (const { type, select } of RULES) {
    const match = type.exec(columnType.toLowerCase());
    if (match !== null) return `${select(column, match)} AS ${column}`;
  }
  return column;
}

/** SELECT of one table for `snapshot.select.statement.overrides`; null when Debezium's own SELECT is exact. */
export function snapshotSelect(database: string, table: string, columns: readonly SourceColumn[]): string | null {
  const items = columns.map(selected);
  if (items.every((item, index) => item === mysqlIdent(columns[index]?.name ?? ''))) return null;
  return `SELECT ${items.join(', ')} FROM ${mysqlIdent(database)}.${mysqlIdent(table)}`;
}
