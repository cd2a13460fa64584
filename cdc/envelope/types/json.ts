// JSON as text. The snapshot writes MySQL's spacing (`{"a": 1}`), the binlog none (`{"a":1}`): silver has none. It is not parsed, because
// a parser would round long numbers; strings are stepped over, so that white space inside them stays.
// Binary values inside JSON are `"base64:type15:AP8="` in the snapshot and `"AP8="` from the binlog: silver has the latter.

import { raise, TEXT, type Converter } from './column-type.ts';

const SPACE_OUTSIDE_STRINGS = String.raw`("(?:[^"\\]|\\.)*")|\s+`;
const BINARY_PREFIX = String.raw`"base64:type[0-9]+:`;
/** Debezium writes a negative TIME inside JSON with a sign in every part (`13:0-35:0-57.00000-789`). */
const GARBLED_TIME = String.raw`"-?[0-9]+:0?-[0-9]+:0?-[0-9]+`;

export const json: Converter = () => ({
  logical: 'json',
  duckdbType: 'VARCHAR',
  jsonType: TEXT,
  toSilver: (field) => {
    const plain = `CASE WHEN contains(${field}, 'base64:type') THEN regexp_replace(${field}, '${BINARY_PREFIX}', '"', 'g') ELSE ${field} END`;
    const compact = `CASE WHEN contains(${field}, ' ') THEN regexp_replace(${plain}, '${SPACE_OUTSIDE_STRINGS}', '\\1', 'g') ELSE ${plain} END`;
    const garbled = `contains(${field}, ':0-') AND regexp_matches(${field}, '${GARBLED_TIME}')`;
    return `CASE WHEN ${garbled} THEN ${raise('VARCHAR', 'a negative TIME inside JSON was garbled', field)} ELSE ${compact} END`;
  },
});
