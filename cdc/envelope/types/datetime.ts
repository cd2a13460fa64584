// DATETIME has no zone: milliseconds since 1970 for DATETIME(0..3), microseconds for DATETIME(4..6).

import { wholeNumber, TEXT, type Converter } from './column-type.ts';

const MILLISECOND_DIGITS_MAX = 3;

export const datetime: Converter = (column) => ({
  logical: 'datetime',
  duckdbType: 'TIMESTAMP',
  jsonType: TEXT,
  toSilver: (field) => {
    const number = wholeNumber(field, 'BIGINT');
    return (column.length ?? 0) <= MILLISECOND_DIGITS_MAX ? `epoch_ms(${number})` : `make_timestamp(${number})`;
  },
});
