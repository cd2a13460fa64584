// YEAR: 1901 to 2155 and 0000. Debezium streams 0000 as 1900, which no YEAR can be; the snapshot's SELECT does the same
// (cdc/connector/snapshot-select.ts), because the driver would read 0000 as 2000.

import { wholeNumber, TEXT, type Converter } from './column-type.ts';

export const year: Converter = () => ({
  logical: 'year',
  duckdbType: 'SMALLINT',
  jsonType: TEXT,
  toSilver: (field) => `CASE ${field} WHEN '1900' THEN 0::SMALLINT ELSE ${wholeNumber(field, 'SMALLINT')} END`,
});
