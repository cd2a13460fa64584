// TINYINT … BIGINT, signed and unsigned, BOOL. TINYINT(1) stays a number: MySQL stores any of -128..127 in it.
// A streamed `CREATE TABLE (x BOOL)` makes Debezium write true/false, a snapshot of the same column writes 1/0.

import { wholeNumber, TEXT, type Converter } from './column-type.ts';

const SIGNED: Readonly<Record<string, string>> = {
  TINYINT: 'TINYINT',
  INT1: 'TINYINT',
  BOOL: 'TINYINT',
  BOOLEAN: 'TINYINT',
  SMALLINT: 'SMALLINT',
  INT2: 'SMALLINT',
  MEDIUMINT: 'INTEGER',
  MIDDLEINT: 'INTEGER',
  INT3: 'INTEGER',
  INT: 'INTEGER',
  INTEGER: 'INTEGER',
  INT4: 'INTEGER',
  BIGINT: 'BIGINT',
  INT8: 'BIGINT',
  SERIAL: 'BIGINT',
};

export const INTEGER_NAMES: ReadonlySet<string> = new Set(Object.keys(SIGNED));

export const integer: Converter = (column) => {
  const { base, unsigned } = splitSign(column.typeName);
  const signedType = SIGNED[base] ?? 'BIGINT';
  const duckdbType = unsigned ? `U${signedType}` : signedType;
  const flag = base === 'BOOL' || base === 'BOOLEAN' || (base === 'TINYINT' && column.length === 1);
  const toSilver = (field: string): string => {
    if (duckdbType === 'UBIGINT') return unsignedBigint(field);
    return flag
      ? wholeNumber(`CASE ${field} WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE ${field} END`, duckdbType)
      : wholeNumber(field, duckdbType);
  };
  return { logical: 'integer', duckdbType, jsonType: TEXT, toSilver };
};

/**
 * bigint.unsigned.handling.mode=long sends the 64 bits as a signed number: what is negative stands for itself plus 2^64.
 * A number above 2^63 - 1 as such cannot come from Debezium and raises.
 */
function unsignedBigint(field: string): string {
  const signed = wholeNumber(field, 'BIGINT');
  return `CASE WHEN starts_with(${field}, '-') THEN CAST(CAST(${signed} AS HUGEINT) + 18446744073709551616 AS UBIGINT) WHEN ${field} IS NOT NULL THEN CAST(${signed} AS UBIGINT) END`;
}

/** 'INT UNSIGNED ZEROFILL' is base INT, unsigned (ZEROFILL implies UNSIGNED). */
export function splitSign(typeName: string): { base: string; unsigned: boolean } {
  const unsigned = /\b(UNSIGNED|ZEROFILL)\b/.test(typeName);
  const base = typeName
    .replace(/\b(UNSIGNED|SIGNED|ZEROFILL)\b/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return { base, unsigned: unsigned || base === 'SERIAL' };
}
