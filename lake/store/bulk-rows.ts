// SQL of a bulk read: rows of one snapshot of MySQL, as canonical texts in files, into the table that is made beside the live one
// (`T@next`), and the hand-over to what streamed meanwhile. Pure. docs/adr/0038 has the reasons.

import { columnType } from '../../cdc/schema/column-type.ts';
import type { ColumnSchema, TableSchema } from '../../cdc/schema/table-schema.ts';
import { ident, literal } from '../../infra/runtime/sql-text.ts';
import { canonicalColumn, orNull } from '../verify/canonical.ts';
import { positionOf } from './batch.ts';
import { VERSION_COLUMNS } from './layout.ts';
import { columnNames, goneTable, pastTable, rowsTable } from './tables.ts';

/** Types whose canonical text cannot be read back. */
const UNREADABLE: ReadonlySet<string> = new Set(['geometry', 'vector']);
/** A line is a row: at most as long as the largest packet of MySQL, twice, because texts and bytes are hexadecimal. */
const LINE_BYTES_MAX = 2 * 64 * 1024 * 1024;
/** Of a table without long columns: MySQL allows it 65,535 bytes a row. A small buffer costs DuckDB a third less. */
const SHORT_LINE_BYTES_MAX = 2 * 1024 * 1024;
const SHORT_COLUMNS_MAX = 500;

/** Why the table cannot be read in bulk; null when it can. */
export function notBulkReadable(schema: TableSchema): string | null {
  if (schema.keyColumns.length === 0) return 'it has no primary key';
  const column = schema.columns.find((one) => UNREADABLE.has(columnType(one).logical));
  return column === undefined ? null : `its column ${column.name} is a ${columnType(column).logical}`;
}

/** MySQL's expression for a row's line: canonical texts with `|` between, `~` for NULL. Neither stands in any text. */
export function bulkLine(schema: TableSchema): string {
  return `CONCAT_WS('|', ${schema.columns.map((column) => orNull(canonicalColumn(column).cell('mysql'), 'mysql')).join(', ')})`;
}

/** The position of every row of a snapshot that holds the transactions up to `seq`: behind them, in front of all others. */
export function bulkPosition(seq: number): bigint {
  return positionOf(seq, 0, 0n);
}

export interface BulkFile {
  readonly file: string;
  /** The file's columns, in its order. */
  readonly columns: readonly string[];
  /** Last transaction of the snapshot. */
  readonly seq: number;
  readonly commitId: number;
  /** Microseconds since 1970 when the snapshot was taken. */
  readonly takenUs: bigint;
}

/** Rows of one file into the table's versions. @param schema of the table they go to */
export function bulkInsertSql(schema: TableSchema, { file, columns, seq, commitId, takenUs }: BulkFile): string {
  const place = new Map(columns.map((name, index) => [name, `c${index}`]));
  const values = schema.columns.map((column) => fromText(column, place.get(column.name) ?? ''));
  const texts = columns.map((_name, index) => `'c${index}': 'VARCHAR'`).join(', ');
  const bytes = hasShortRows(schema) ? SHORT_LINE_BYTES_MAX : LINE_BYTES_MAX;
  const options = `delim = '|', quote = '', escape = '', comment = '', nullstr = '~', header = false, auto_detect = false, max_line_size = ${bytes}, buffer_size = ${Math.min(2 * bytes, LINE_BYTES_MAX)}`;
  return `INSERT INTO ${rowsTable(schema.table)} (${[...columnNames(schema), ...VERSION_COLUMNS.map(({ name }) => name)].join(', ')})
SELECT ${values.join(', ')}, 'r', ${bulkPosition(seq)}, ${commitId}, make_timestamp(${takenUs}) FROM read_csv(${literal(file)}, ${options}, columns = {${texts}})`;
}

/** No column whose text may be longer than what MySQL allows a row beside TEXT, BLOB, JSON and SET. */
function hasShortRows({ columns }: TableSchema): boolean {
  const isShort = (column: ColumnSchema): boolean => {
    const { logical } = columnType(column);
    if (logical === 'text' || logical === 'binary') return /^(VAR)?(CHAR|BINARY)\b/.test(column.typeName);
    return logical !== 'json' && logical !== 'set';
  };
  return columns.length <= SHORT_COLUMNS_MAX && columns.every(isShort);
}

/** Silver's value of a canonical text (lake/verify/canonical.ts). */
export function fromText(column: ColumnSchema, text: string): string {
  const type = columnType(column);
  const decoded = `decode(unhex(${text}))`;
  switch (type.logical) {
    case 'text':
    case 'enum':
    case 'set':
      return decoded;
    case 'decimal': // a plain cast to a wide DECIMAL costs five times as much as everything else
      return type.toSilver(text);
    case 'json':
      return type.toSilver(decoded);
    case 'binary':
      return `unhex(${text})`;
    case 'datetime':
    case 'timestamp':
      return `make_timestamp(CAST(${text} AS BIGINT))`;
    case 'bit':
      return type.duckdbType === 'BOOLEAN' ? `CAST(${text} AS UTINYINT) = 1` : `CAST(${text} AS UBIGINT)`;
    case 'float':
    case 'double':
      return floatFrom(text, type.duckdbType);
    default:
      return `CAST(${text} AS ${type.duckdbType})`;
  }
}

/** Below 1e-99 the number was multiplied by 2^1000 and marked. */
function floatFrom(text: string, duckdbType: string): string {
  const number = `CAST(rtrim(${text}, 's') AS DOUBLE)`;
  return `CAST(CASE WHEN suffix(${text}, 's') THEN ${number} / 1.0715086071862673e301 ELSE ${number} END AS ${duckdbType})`;
}

export interface HandOver {
  /** The table as it is made beside the live one. */
  readonly next: TableSchema;
  /** The live table's name when it went on meanwhile; null when what streamed went to `next` itself. */
  readonly live: string | null;
  readonly seq: number;
  readonly commitId: number;
}

/**
 * What streamed behind the snapshot is newer than its rows, and what streamed before it is older. Marks say so, made again from the
 * versions themselves: those that were written then may have been folded before the rows of the snapshot were there.
 */
export function handOverSql({ next, live, seq, commitId }: HandOver): string {
  const at = bulkPosition(seq);
  const columns = [...columnNames(next), ...VERSION_COLUMNS.map(({ name }) => name)].join(', ');
  const keys = next.keyColumns.map(ident).join(', ');
  const source = live ?? next.table;
  const which = live === null ? `_pos <> ${at}` : `_pos > ${at}`;
  const versions = [rowsTable(source), pastTable(source)].map((table) => `SELECT ${keys}, _pos FROM ${table} WHERE ${which}`);
  const marks = `INSERT INTO ${goneTable(next.table)} (${keys}, _pos, _commit) SELECT ${keys}, greatest(max(_pos), ${at}), ${commitId} FROM (${versions.join(' UNION ALL ')}) GROUP BY ${keys};`;
  if (live === null) return marks;
  return `INSERT INTO ${rowsTable(next.table)} (${columns}) SELECT ${columns} FROM ${rowsTable(live)} WHERE ${which};\n${marks}`;
}
