// BINARY, VARBINARY and the BLOB types as hexadecimal text (binary.handling.mode=hex). BINARY(n) keeps its trailing zeros.

import { raise, TEXT, type Converter } from './column-type.ts';

export const BINARY_NAMES: ReadonlySet<string> = new Set([
  'BINARY',
  'VARBINARY',
  'TINYBLOB',
  'BLOB',
  'MEDIUMBLOB',
  'LONGBLOB',
  'LONG VARBINARY',
  'CHAR BYTE',
]);

export const binary: Converter = () => ({
  logical: 'binary',
  duckdbType: 'BLOB',
  jsonType: TEXT,
  // unhex takes an odd number of digits too, which can only be a cut value.
  toSilver: (field) =>
    `CASE WHEN length(${field}) % 2 = 0 THEN unhex(${field}) WHEN ${field} IS NOT NULL THEN ${raise('BLOB', 'not hex', field)} END`,
});
