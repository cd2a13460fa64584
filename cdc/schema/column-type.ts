// From a MySQL column to its converter: the one table that says what is carried and as what.

import { BINARY_NAMES, binary } from '../envelope/types/binary.ts';
import { bit } from '../envelope/types/bit.ts';
import type { ColumnType, Converter } from '../envelope/types/column-type.ts';
import { date } from '../envelope/types/date.ts';
import { datetime } from '../envelope/types/datetime.ts';
import { DECIMAL_NAMES, decimal } from '../envelope/types/decimal.ts';
import { enumeration } from '../envelope/types/enumeration.ts';
import { FLOAT_NAMES, float } from '../envelope/types/float.ts';
import { GEOMETRY_NAMES, geometry } from '../envelope/types/geometry.ts';
import { INTEGER_NAMES, integer, splitSign } from '../envelope/types/integer.ts';
import { json } from '../envelope/types/json.ts';
import { TEXT_NAMES, text } from '../envelope/types/text.ts';
import { time } from '../envelope/types/time.ts';
import { timestamp } from '../envelope/types/timestamp.ts';
import { vector } from '../envelope/types/vector.ts';
import { year } from '../envelope/types/year.ts';
import type { ColumnSchema, TableSchema } from './table-schema.ts';
import { UnsupportedColumn } from './unsupported-column.ts';

const BY_NAME: Readonly<Record<string, Converter>> = {
  BIT: bit,
  DATE: date,
  TIME: time,
  DATETIME: datetime,
  TIMESTAMP: timestamp,
  YEAR: year,
  ENUM: enumeration,
  SET: enumeration,
  JSON: json,
  VECTOR: vector,
};

/** @throws UnsupportedColumn when values of the type cannot be carried exactly */
export function columnType(column: ColumnSchema): ColumnType {
  const { base } = splitSign(column.typeName.toUpperCase());
  const converter = converterOf(base);
  if (converter === undefined) throw new UnsupportedColumn(column, 'no converter for this type');
  return converter(column);
}

function converterOf(base: string): Converter | undefined {
  if (INTEGER_NAMES.has(base)) return integer;
  if (DECIMAL_NAMES.has(base)) return decimal;
  if (FLOAT_NAMES.has(base)) return float;
  if (TEXT_NAMES.test(base)) return text;
  if (BINARY_NAMES.has(base)) return binary;
  if (GEOMETRY_NAMES.has(base)) return geometry;
  return BY_NAME[base];
}

const BITS_IN_BYTE = 8;

/**
 * As columnType, for a column of the primary key: some types are carried as values but not as identities.
 * @throws UnsupportedColumn
 */
export function keyColumnType(column: ColumnSchema): ColumnType {
  const type = columnType(column);
  if (type.logical === 'float')
    throw new UnsupportedColumn(column, 'single-precision FLOAT in a primary key: snapshot and binlog spell it differently');
  if (type.logical === 'bit' && (column.length ?? 1) > BITS_IN_BYTE) {
    throw new UnsupportedColumn(column, 'BIT wider than 8 in a primary key: Debezium reverses its bytes in the snapshot');
  }
  if (type.logical === 'json' || type.logical === 'geometry' || type.logical === 'vector')
    throw new UnsupportedColumn(column, `${type.logical} in a primary key`);
  return type;
}

/** Columns of the table that cannot be carried, each with its reason; empty when the table is fine. */
export function unsupportedColumns(schema: TableSchema): UnsupportedColumn[] {
  const found: UnsupportedColumn[] = [];
  for (const column of schema.columns) {
    try {
      if (schema.keyColumns.includes(column.name)) keyColumnType(column);
      else columnType(column);
    } catch (error) {
      if (!(error instanceof UnsupportedColumn)) throw error;
      found.push(new UnsupportedColumn(column, error.reason, `${schema.database}.${schema.table}`));
    }
  }
  return found;
}

/** Columns that the working store and the readers' views add to a table's own (lake/store/layout.ts). */
export const RESERVED_COLUMNS: ReadonlySet<string> = new Set([
  '_op',
  '_pos',
  '_commit',
  '_ts',
  '_gone_commit',
  '_valid_from',
  '_valid_to',
  '_max',
  '_by',
  '_retyped',
]);

const HISTORY = '_history';
/** Versions of a dropped table stay under `T@<commit>`. */
const DROPPED_NAME = /@\d+$/;

/** What a table may be in the way of. */
export interface OtherTables {
  /** Tables that are carried already, by name. */
  readonly carried: readonly string[];
  /** The table to which events in the table's topic belong: itself, or one that came before it; null when it is new. */
  readonly topicOwner: string | null;
}

/** Why a table cannot be carried whatever its types are; null when it can. */
export function unsupportedTable(schema: TableSchema, others: OtherTables = { carried: [], topicOwner: null }): string | null {
  const { table, columns } = schema;
  if (table.includes('"')) return 'its name contains a double quote: Debezium cannot read its own schema history again after a restart';
  if (DROPPED_NAME.test(table)) return 'its name ends like those of dropped tables (@ and a number)';
  const reserved = columns.find(({ name }) => RESERVED_COLUMNS.has(name.toLowerCase()));
  if (reserved !== undefined) return `its column ${reserved.name} has a name that the history of every table uses itself`;
  const { carried, topicOwner } = others;
  if (topicOwner !== null && topicOwner !== table) return `its topic would be that of table ${topicOwner}`;
  for (const other of carried) {
    const reason = other === table ? null : collision(table, other);
    if (reason !== null) return reason;
  }
  return null;
}

/** Why two tables cannot both be in silver, where names are compared without case and `T_history` belongs to T. */
function collision(table: string, other: string): string | null {
  const [name, taken] = [table.toLowerCase(), other.toLowerCase()];
  if (name === taken) return `its name differs from that of table ${other} by case only`;
  if (name === taken + HISTORY) return `silver.${table} is the history of table ${other}`;
  if (taken === name + HISTORY) return `its history would be silver.${other}, which is a table`;
  return null;
}
