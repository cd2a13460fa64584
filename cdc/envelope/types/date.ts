// DATE as days since 1970-01-01. Zero dates cannot come: Debezium turns them into NULL, so doctor demands NO_ZERO_DATE.

import { wholeNumber, TEXT, type Converter } from './column-type.ts';

export const date: Converter = () => ({
  logical: 'date',
  duckdbType: 'DATE',
  jsonType: TEXT,
  toSilver: (field) => `DATE '1970-01-01' + ${wholeNumber(field, 'INTEGER')}`,
});
