// TIMESTAMP is an instant: ISO 8601 in UTC, `2026-11-21T06:49:33.361438Z`, with 0 to 6 fraction digits. Silver: TIMESTAMP in UTC.

import { raise, TEXT, type Converter } from './column-type.ts';

const SHORTEST = '2026-11-21T06:49:33Z'.length;
const LONGEST = '2026-11-21T06:49:33.361438Z'.length;

export const timestamp: Converter = () => ({
  logical: 'timestamp',
  duckdbType: 'TIMESTAMP',
  jsonType: TEXT,
  // DuckDB's cast ignores a zone offset and cuts digits beyond the sixth: both are refused here.
  toSilver: (field) =>
    `CASE WHEN length(${field}) BETWEEN ${SHORTEST} AND ${LONGEST} AND suffix(${field}, 'Z') THEN CAST(${field} AS TIMESTAMP) WHEN ${field} IS NOT NULL THEN ${raise('TIMESTAMP', 'not a UTC instant', field)} END`,
});
