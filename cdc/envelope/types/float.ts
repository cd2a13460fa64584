// FLOAT and DOUBLE as JSON numbers in their shortest exact form. MySQL has neither NaN nor infinity: both raise.

import { UnsupportedColumn } from '../../schema/unsupported-column.ts';
import { splitSign } from './integer.ts';
import { raise, TEXT, type Converter } from './column-type.ts';

export const FLOAT_NAMES: ReadonlySet<string> = new Set(['FLOAT', 'FLOAT4', 'DOUBLE', 'DOUBLE PRECISION', 'REAL', 'FLOAT8']);

/** FLOAT(25) to FLOAT(53) are doubles in MySQL. */
const SINGLE_BITS_MAX = 24;

export const float: Converter = (column) => {
  const { base } = splitSign(column.typeName);
  // Only a streamed CREATE or ALTER says REAL; MySQL itself shows such a column as double.
  if (base === 'REAL') throw new UnsupportedColumn(column, 'REAL, which Debezium reads with single precision; declare it as DOUBLE');
  const single = base.startsWith('FLOAT') && base !== 'FLOAT8' && (column.scale !== null || (column.length ?? 0) <= SINGLE_BITS_MAX);
  const duckdbType = single ? 'FLOAT' : 'DOUBLE';
  const toSilver = (field: string): string => {
    const cast = `CAST(${field} AS ${duckdbType})`;
    return `CASE WHEN isfinite(${cast}) THEN ${cast} WHEN ${field} IS NOT NULL THEN ${raise(duckdbType, 'not a finite number', field)} END`;
  };
  return { logical: single ? 'float' : 'double', duckdbType, jsonType: TEXT, toSilver };
};
