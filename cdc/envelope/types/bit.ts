// BIT(1) is true/false; BIT(2..64) is base64 of the bytes, lowest first, and becomes an unsigned number.

import { raise, TEXT, type Converter } from './column-type.ts';

export const bit: Converter = (column) => {
  const bits = column.length ?? 1;
  if (bits === 1) {
    const toSilver = (field: string): string =>
      `CASE WHEN ${field} IN ('true', 'false') THEN ${field} = 'true' WHEN ${field} IS NOT NULL THEN ${raise('BOOLEAN', 'not a BIT(1)', field)} END`;
    return { logical: 'bit', duckdbType: 'BOOLEAN', jsonType: TEXT, toSilver };
  }
  const bytes = Math.ceil(bits / 8);
  const toSilver = (field: string): string => {
    const hex = `hex(from_base64(${field}))`;
    const highFirst = Array.from({ length: bytes }, (_, index) => `substr(${hex}, ${2 * (bytes - index) - 1}, 2)`).join(' || ');
    return `CASE WHEN octet_length(from_base64(${field})) = ${bytes} THEN CAST('0x' || ${highFirst} AS UBIGINT) WHEN ${field} IS NOT NULL THEN ${raise('UBIGINT', `not ${bytes} bytes of BIT(${bits})`, field)} END`;
  };
  return { logical: 'bit', duckdbType: 'UBIGINT', jsonType: TEXT, toSilver };
};
