// Parameter values as clients send them (text or binary), brought into the text that DuckDB casts to the parameter's type.

import type { DuckDBPreparedStatement } from '@duckdb/node-api';
import { dateText, intervalText, timestampText, timeText } from './calendar.ts';
import { EPOCH_DAYS, EPOCH_MICROS } from './encode-binary.ts';
import { SqlFailure } from './failures.ts';
import { OID } from './types.ts';

export interface BoundParameter {
  readonly oid: number;
  /** Text for every type but bytea; null for NULL. */
  readonly value: string | Uint8Array | null;
}

/** Binds all values. DuckDB casts text to the type it expects and refuses what does not fit. */
export function bindParameters(statement: DuckDBPreparedStatement, parameters: readonly BoundParameter[]): void {
  for (const [at, { value }] of parameters.entries()) {
    if (value === null) statement.bindNull(at + 1);
    else if (typeof value === 'string') statement.bindVarchar(at + 1, value);
    else statement.bindBlob(at + 1, value);
  }
}

/** @throws SqlFailure 22P03 for a binary value of the wrong length, 0A000 for a type whose binary form is not known here. */
export function decodeParameter(oid: number, format: number, bytes: Buffer | null): BoundParameter {
  if (bytes === null) return { oid, value: null };
  if (format === 1) return { oid, value: decodeBinary(oid, bytes) };
  const text = bytes.toString('utf8');
  if (oid === OID.bytea) return { oid, value: byteaOf(text) };
  // DuckDB would round 1.5 to 2 where a whole number is expected.
  if (WHOLE.has(oid) && !/^\s*[+-]?\d+\s*$/.test(text)) throw new SqlFailure('22P02', `invalid input syntax for type integer: "${text}"`);
  return { oid, value: ARRAYS[oid] === undefined && !(oid === OID.json && text.startsWith('{')) ? text : listText(text) };
}

const BINARY: Readonly<Record<number, readonly [number, (bytes: Buffer) => string]>> = {
  [OID.bool]: [1, (bytes) => (bytes[0] === 0 ? 'false' : 'true')],
  [OID.int2]: [2, (bytes) => String(bytes.readInt16BE())],
  [OID.int4]: [4, (bytes) => String(bytes.readInt32BE())],
  [OID.oid]: [4, (bytes) => String(bytes.readUInt32BE())],
  [OID.int8]: [8, (bytes) => String(bytes.readBigInt64BE())],
  [OID.float4]: [4, (bytes) => String(bytes.readFloatBE())],
  [OID.float8]: [8, (bytes) => String(bytes.readDoubleBE())],
  [OID.date]: [4, (bytes) => dateText(bytes.readInt32BE() + EPOCH_DAYS)],
  [OID.time]: [8, (bytes) => timeText(bytes.readBigInt64BE())],
  [OID.timestamp]: [8, (bytes) => timestampText(bytes.readBigInt64BE() + EPOCH_MICROS)],
  [OID.timestamptz]: [8, (bytes) => timestampText(bytes.readBigInt64BE() + EPOCH_MICROS, '+00')],
  [OID.interval]: [16, (bytes) => intervalText(bytes.readInt32BE(12), bytes.readInt32BE(8), bytes.readBigInt64BE())],
  [OID.uuid]: [16, (bytes) => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')],
};

const WHOLE: ReadonlySet<number> = new Set([OID.int2, OID.int4, OID.int8, OID.oid]);
const TEXT_OIDS: ReadonlySet<number> = new Set([OID.text, OID.varchar, OID.bpchar, OID.json, OID.unknown, 0]);

/** Array types and the type of their members. */
const ARRAYS: Readonly<Record<number, number>> = {
  1000: OID.bool,
  1005: OID.int2,
  1007: OID.int4,
  1016: OID.int8,
  1009: OID.text,
  1015: OID.varchar,
  1021: OID.float4,
  1022: OID.float8,
  1115: OID.timestamp,
  1182: OID.date,
  1185: OID.timestamptz,
  1231: OID.numeric,
  2951: OID.uuid,
};

function decodeBinary(oid: number, bytes: Buffer): string | Uint8Array {
  if (TEXT_OIDS.has(oid)) return bytes.toString('utf8');
  if (oid === OID.bytea) return bytes;
  if (oid === OID.numeric) return numericText(bytes);
  const member = ARRAYS[oid];
  if (member !== undefined) return arrayText(member, bytes);
  const known = BINARY[oid];
  if (known === undefined)
    throw new SqlFailure('0A000', `binary parameters of type ${oid} are not supported`, { hint: 'Send the parameter as text.' });
  const [size, decode] = known;
  if (bytes.length !== size)
    throw new SqlFailure('22P03', `a binary parameter of type ${oid} has ${bytes.length} bytes instead of ${size}`);
  return decode(bytes);
}

function numericText(bytes: Buffer): string {
  const [count, weight, sign, scale] = [bytes.readInt16BE(0), bytes.readInt16BE(2), bytes.readUInt16BE(4), bytes.readInt16BE(6)];
  if (sign === 0xc000) return 'NaN';
  const group = (index: number): string => String(index >= 0 && index < count ? bytes.readInt16BE(8 + index * 2) : 0).padStart(4, '0');
  let whole = '';
  for (let index = 0; index <= weight; index += 1) whole += group(index);
  let fraction = '';
  for (let index = weight + 1; fraction.length < scale; index += 1) fraction += group(index);
  const text = `${whole.replace(/^0+(?=\d)/, '') || '0'}${scale > 0 ? `.${fraction.slice(0, scale)}` : ''}`;
  return sign === 0x4000 ? `-${text}` : text;
}

function arrayText(member: number, bytes: Buffer): string {
  const dimensions = bytes.readInt32BE(0);
  if (dimensions === 0) return '[]';
  if (dimensions !== 1) throw new SqlFailure('0A000', 'arrays of arrays are not supported as parameters');
  const items: string[] = [];
  let at = 20;
  for (let left = bytes.readInt32BE(12); left > 0; left -= 1) {
    const length = bytes.readInt32BE(at);
    at += 4;
    items.push(length < 0 ? 'NULL' : quoted(String(decodeParameter(member, 1, bytes.subarray(at, at + length)).value)));
    at += Math.max(length, 0);
  }
  return `[${items.join(', ')}]`;
}

/** PostgreSQL's `{1,"a b",NULL}` as DuckDB's `[1, "a b", NULL]`; other text stays. */
export function listText(text: string): string {
  if (!/^\{[^]*\}$/.test(text) || /^\{\s*"[^"]*"\s*:/.test(text)) return text;
  const items = text.slice(1, -1).match(/"(?:[^"\\]|\\[^])*"|[^,]+/g) ?? [];
  return `[${items.map((item) => (item.startsWith('"') ? quoted(item.slice(1, -1).replaceAll(/\\([^])/g, '$1')) : item)).join(', ')}]`;
}

function quoted(item: string): string {
  return `"${item.replaceAll(/["\\]/g, '\\$&')}"`;
}

function byteaOf(text: string): Buffer {
  if (text.startsWith('\\x')) return Buffer.from(text.slice(2), 'hex');
  return Buffer.from(text.replaceAll('\\\\', '\\'), 'latin1');
}
