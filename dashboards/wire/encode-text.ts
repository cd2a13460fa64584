// Values of DuckDB as PostgreSQL's text format. One function per type; integers and decimals stay exact.

import {
  DuckDBArrayValue,
  DuckDBBitValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeNSValue,
  DuckDBTimeTZValue,
  DuckDBTimeValue,
  DuckDBTypeId,
  DuckDBUnionValue,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import { dateText, intervalText, offsetText, timestampText, timeText } from './calendar.ts';

/** Nulls never reach an encoder. */
export type TextEncoder = (value: DuckDBValue) => string;

const POSITIVE_INFINITY = 2n ** 63n - 1n;
const DATE_INFINITY = 2_147_483_647;
const FLOAT_DIGITS_MAX = 9;

/** The encoders of the common types, chosen once per column; the rest goes by the value's class. */
const ENCODERS: Readonly<Partial<Record<DuckDBTypeId, TextEncoder>>> = {
  [DuckDBTypeId.VARCHAR]: (value) => value as string,
  [DuckDBTypeId.INTEGER]: (value) => String(value),
  [DuckDBTypeId.BIGINT]: (value) => (value as bigint).toString(),
  [DuckDBTypeId.HUGEINT]: (value) => (value as bigint).toString(),
  [DuckDBTypeId.BOOLEAN]: (value) => (value === true ? 't' : 'f'),
  [DuckDBTypeId.DECIMAL]: (value) => decimalText(value as DuckDBDecimalValue),
  [DuckDBTypeId.DATE]: (value) => dateOrInfinity((value as DuckDBDateValue).days),
  [DuckDBTypeId.TIMESTAMP]: (value) => timestampOrInfinity(microsOf(value)),
  [DuckDBTypeId.TIMESTAMP_TZ]: (value) => timestampOrInfinity(microsOf(value), '+00'),
  [DuckDBTypeId.FLOAT]: (value) => floatText(value as number),
};

function microsOf(value: DuckDBValue): bigint {
  return (value as unknown as { micros: bigint }).micros;
}

export function textEncoder(type: DuckDBType): TextEncoder {
  return ENCODERS[type.typeId] ?? valueText;
}

/** Text of any value, by the class the client library gives it. */
export function valueText(value: DuckDBValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return doubleText(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (value === null) return '';
  return objectText(value);
}

function objectText(value: Exclude<DuckDBValue, string | bigint | number | boolean | null>): string {
  if (value instanceof DuckDBDecimalValue) return decimalText(value);
  if (value instanceof DuckDBTimestampValue) return timestampOrInfinity(value.micros);
  if (value instanceof DuckDBTimestampTZValue) return timestampOrInfinity(value.micros, '+00');
  if (value instanceof DuckDBDateValue) return dateOrInfinity(value.days);
  if (value instanceof DuckDBTimestampSecondsValue) return timestampOrInfinity(value.seconds, '', 1_000_000n);
  if (value instanceof DuckDBTimestampMillisecondsValue) return timestampOrInfinity(value.millis, '', 1000n);
  if (value instanceof DuckDBTimestampNanosecondsValue) return nanosecondsOrInfinity(value.nanos);
  if (value instanceof DuckDBTimeValue) return timeText(value.micros);
  if (value instanceof DuckDBTimeNSValue) return timeText(value.nanos / 1000n);
  if (value instanceof DuckDBTimeTZValue) return `${timeText(value.micros)}${offsetText(value.offset)}`;
  if (value instanceof DuckDBIntervalValue) return intervalText(value.months, value.days, value.micros);
  if (value instanceof DuckDBBlobValue) return `\\x${Buffer.from(value.bytes).toString('hex')}`;
  if (isNested(value)) return JSON.stringify(jsonForm(value)).replaceAll(EXACT_NUMBER, '$1');
  return value.toString();
}

export function decimalText({ value, scale }: DuckDBDecimalValue): string {
  const sign = value < 0n ? '-' : '';
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The shortest text that gives the same 32-bit float. */
function floatText(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return doubleText(value);
  for (let digits = 1; digits < FLOAT_DIGITS_MAX; digits += 1) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return String(shorter);
  }
  return String(Number(value.toPrecision(FLOAT_DIGITS_MAX)));
}

/** `unit` is the microseconds of one step. */
function timestampOrInfinity(steps: bigint, zone = '', unit = 1n): string {
  if (steps === POSITIVE_INFINITY) return 'infinity';
  if (steps === -POSITIVE_INFINITY) return '-infinity';
  return timestampText(unit === 1n ? steps : steps * unit, zone);
}

/** PostgreSQL has microseconds: the rest is cut off towards the past. */
function nanosecondsOrInfinity(nanos: bigint): string {
  if (nanos === POSITIVE_INFINITY || nanos === -POSITIVE_INFINITY) return timestampOrInfinity(nanos);
  return timestampText(nanos >= 0n || nanos % 1000n === 0n ? nanos / 1000n : nanos / 1000n - 1n);
}

function dateOrInfinity(days: number): string {
  if (days === DATE_INFINITY) return 'infinity';
  return days === -DATE_INFINITY ? '-infinity' : dateText(days);
}

type Nested = DuckDBListValue | DuckDBArrayValue | DuckDBStructValue | DuckDBMapValue | DuckDBUnionValue;

function isNested(value: object): value is Nested {
  return [DuckDBListValue, DuckDBArrayValue, DuckDBStructValue, DuckDBMapValue, DuckDBUnionValue].some((kind) => value instanceof kind);
}

/** JSON.stringify knows no exact numbers: they pass as marked strings and lose mark and quotes afterwards. */
const EXACT_MARK = '\u0001#';
const EXACT_NUMBER = /"\\u0001#(-?[0-9.]+)"/g;

function jsonForm(value: DuckDBValue): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return `${EXACT_MARK}${value}`;
  if (value instanceof DuckDBDecimalValue) return `${EXACT_MARK}${decimalText(value)}`;
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(jsonForm);
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([key, item]) => [key, jsonForm(item)]));
  if (value instanceof DuckDBMapValue)
    return Object.fromEntries(value.entries.map(({ key, value: item }) => [valueText(key), jsonForm(item)]));
  if (value instanceof DuckDBUnionValue) return jsonForm(value.value);
  if (value instanceof DuckDBBitValue) return value.toString();
  return valueText(value);
}
