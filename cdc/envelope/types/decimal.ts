// DECIMAL as a decimal string (decimal.handling.mode=string). DuckDB's DECIMAL holds 38 digits; a wider one stays exact text.

import { raise, TEXT, type Converter } from './column-type.ts';

export const DECIMAL_NAMES: ReadonlySet<string> = new Set(['DECIMAL', 'DEC', 'NUMERIC', 'FIXED']);

const DUCKDB_DIGITS_MAX = 38;
const MYSQL_DEFAULT_DIGITS = 10;

export const decimal: Converter = (column) => {
  const digits = column.length ?? MYSQL_DEFAULT_DIGITS;
  const scale = column.scale ?? 0;
  const fits = digits <= DUCKDB_DIGITS_MAX;
  return {
    logical: 'decimal',
    duckdbType: fits ? `DECIMAL(${digits},${scale})` : 'VARCHAR',
    jsonType: TEXT,
    toSilver: fits ? (field) => exactDecimal(field, digits, scale) : (field) => wideDecimal(field, digits, scale),
  };
};

/**
 * A cast rounds what has too many fraction digits, so the text is looked at first. MySQL writes exactly `scale` digits
 * (first branch, the cheap one); fewer or trailing zeros are the same number (second branch).
 */
function exactDecimal(field: string, digits: number, scale: number): string {
  const type = `DECIMAL(${digits},${scale})`;
  const cast = `CAST(${field} AS ${type})`;
  const usual =
    digits <= NARROW_DIGITS || scale > NARROW_DIGITS
      ? `WHEN CAST(${cast} AS VARCHAR) = ${field} THEN ${cast}`
      : narrowFirst(field, type, scale);
  const other = `WHEN regexp_full_match(${field}, '${pattern(scale)}') THEN ${cast}`;
  return `CASE ${usual} ${other} WHEN ${field} IS NOT NULL THEN ${raise(type, `not exactly a ${type}`, field)} END`;
}

/** DuckDB's DECIMAL up to 18 digits is a 64-bit number. Text to a wider one costs 5.5 µs a value, through 18 digits 0.4 µs. */
const NARROW_DIGITS = 18;

function narrowFirst(field: string, type: string, scale: number): string {
  const narrow = `TRY_CAST(${field} AS DECIMAL(${NARROW_DIGITS},${scale}))`;
  return `WHEN length(${field}) <= ${NARROW_DIGITS} AND CAST(${narrow} AS VARCHAR) = ${field} THEN CAST(${narrow} AS ${type})`;
}

function wideDecimal(field: string, digits: number, scale: number): string {
  const wrong = raise('VARCHAR', `not a DECIMAL(${digits},${scale})`, field);
  return `CASE WHEN regexp_full_match(${field}, '-?[0-9]{1,${digits}}(\\.[0-9]{0,${scale}})?') THEN ${field} WHEN ${field} IS NOT NULL THEN ${wrong} END`;
}

function pattern(scale: number): string {
  return `-?[0-9]+(\\.[0-9]{0,${scale}}0*)?`;
}
