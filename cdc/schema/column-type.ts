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

/** Why a table cannot be captured whatever its columns are; null when it can. */
export function unsupportedTable(schema: TableSchema): string | null {
  if (schema.table.includes('"'))
    return 'its name contains a double quote: Debezium cannot read its own schema history again after a restart';
  return null;
}
