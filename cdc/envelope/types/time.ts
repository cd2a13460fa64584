// TIME as signed microseconds (time.precision.mode=adaptive_time_microseconds), -838:59:59 to 838:59:59.
// Silver keeps the number: TIME in DuckDB ends at 24 h, and INTERVAL is cut to milliseconds in Parquet.

import { wholeNumber, TEXT, type Converter } from './column-type.ts';

export const time: Converter = () => ({
  logical: 'time',
  duckdbType: 'BIGINT',
  jsonType: TEXT,
  toSilver: (field) => wholeNumber(field, 'BIGINT'),
});
