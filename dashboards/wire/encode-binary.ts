// Values of DuckDB as PostgreSQL's binary format, for the types whose binary form clients ask for. The rest is text in either format.

import {
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBDateValue,
  type DuckDBIntervalValue,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import { SqlFailure } from './failures.ts';
import { textEncoder, valueText } from './encode-text.ts';
import { OID, pgTypeOf } from './types.ts';

export type BinaryEncoder = (value: DuckDBValue) => Uint8Array;

/** PostgreSQL counts from 2000-01-01, DuckDB from 1970-01-01. */
export const EPOCH_DAYS = 10_957;
export const EPOCH_MICROS = 946_684_800_000_000n;
const INFINITY_MICROS = 2n ** 63n - 1n;
const INFINITY_DAYS = 2_147_483_647;
const NUMERIC_NEGATIVE = 0x4000;
const GROUP_DIGITS = 4;

/** The binary encoder of a column; types whose binary form is their text (text, json, enum) use that. */
export function binaryEncoder(type: DuckDBType): BinaryEncoder {
  const { oid } = pgTypeOf(type);
  const encode = ENCODERS[oid];
  if (encode !== undefined) return encode;
  if (oid !== OID.text && oid !== OID.json) {
    return () => {
      throw new SqlFailure('0A000', `${type.toString()} has no binary format here`, {
        hint: 'Ask for the text format, or cast the column to text.',
      });
    };
  }
  const text = textEncoder(type);
  return (value) => Buffer.from(text(value), 'utf8');
}

const ENCODERS: Readonly<Record<number, BinaryEncoder>> = {
  [OID.bool]: (value) => Uint8Array.of(value === true ? 1 : 0),
  [OID.int2]: (value) => fixed(2, (bytes) => bytes.writeInt16BE(Number(value))),
  [OID.int4]: (value) => fixed(4, (bytes) => bytes.writeInt32BE(Number(value))),
  [OID.int8]: (value) => int8(BigInt(value as bigint | number)),
  [OID.float4]: (value) => fixed(4, (bytes) => bytes.writeFloatBE(value as number)),
  [OID.float8]: (value) => fixed(8, (bytes) => bytes.writeDoubleBE(value as number)),
  [OID.numeric]: (value) => numericBytes(valueText(value)),
  [OID.bytea]: (value) => (value as unknown as { bytes: Uint8Array }).bytes,
  [OID.date]: (value) => {
    const { days } = value as DuckDBDateValue;
    const pg = days === INFINITY_DAYS ? days : days === -INFINITY_DAYS ? -INFINITY_DAYS - 1 : days - EPOCH_DAYS;
    return fixed(4, (bytes) => bytes.writeInt32BE(pg));
  },
  [OID.time]: (value) => int8(value instanceof DuckDBTimeValue ? value.micros : (value as unknown as { nanos: bigint }).nanos / 1000n),
  [OID.timestamp]: (value) => timestampBytes(microsOf(value)),
  [OID.timestamptz]: (value) => timestampBytes((value as unknown as { micros: bigint }).micros),
  [OID.interval]: (value) => {
    const { months, days, micros } = value as DuckDBIntervalValue;
    return fixed(16, (bytes) => bytes.writeInt32BE(months, bytes.writeInt32BE(days, bytes.writeBigInt64BE(micros))));
  },
  [OID.uuid]: (value) => Buffer.from(valueText(value).replaceAll('-', ''), 'hex'),
};

function fixed(length: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  write(bytes);
  return bytes;
}

function int8(value: bigint): Buffer {
  return fixed(8, (bytes) => bytes.writeBigInt64BE(value));
}

function timestampBytes(micros: bigint): Buffer {
  if (micros === INFINITY_MICROS) return int8(INFINITY_MICROS);
  return int8(micros === -INFINITY_MICROS ? -INFINITY_MICROS - 1n : micros - EPOCH_MICROS);
}

function microsOf(value: DuckDBValue): bigint {
  if (value instanceof DuckDBTimestampValue) return value.micros;
  const other = value as unknown as { seconds?: bigint; millis?: bigint; nanos?: bigint };
  if (other.seconds !== undefined) return other.seconds * 1_000_000n;
  return other.millis === undefined ? (other.nanos ?? 0n) / 1000n : other.millis * 1000n;
}

/** NUMERIC's binary form: groups of four decimal digits, weight of the first group, sign, digits after the point. */
export function numericBytes(text: string): Buffer {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  const padded = whole.padStart(Math.ceil(whole.length / GROUP_DIGITS) * GROUP_DIGITS, '0');
  const digits = padded + fraction.padEnd(Math.ceil(fraction.length / GROUP_DIGITS) * GROUP_DIGITS, '0');
  const groups = (digits.match(/\d{4}/g) ?? []).map(Number);
  let weight = padded.length / GROUP_DIGITS - 1;
  while (groups.length > 0 && groups[0] === 0) {
    groups.shift();
    weight -= 1;
  }
  while (groups.length > 0 && groups.at(-1) === 0) groups.pop();
  const negative = sign !== '' && groups.length > 0;
  return fixed(8 + groups.length * 2, (bytes) => {
    let at = bytes.writeInt16BE(groups.length, 0);
    at = bytes.writeInt16BE(groups.length === 0 ? 0 : weight, at);
    at = bytes.writeUInt16BE(negative ? NUMERIC_NEGATIVE : 0, at);
    at = bytes.writeInt16BE(fraction.length, at);
    for (const group of groups) at = bytes.writeInt16BE(group, at);
  });
}
