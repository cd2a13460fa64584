// What MySQL does to a column's values when its definition changes, and which live rows show that it may have changed them.

import type { ColumnType } from '../envelope/types/column-type.ts';
import { splitSign } from '../envelope/types/integer.ts';
import { columnType } from './column-type.ts';
import type { ShapeFormId } from './ddl-forms.ts';
import type { ColumnSchema } from './table-schema.ts';
import { ident, literal } from '../../infra/runtime/sql-text.ts';

export interface Doubt {
  /** Line of SHAPE_FORMS or CLAUSE_FORMS. */
  readonly form: string;
  /** The column or the clause, for people. */
  readonly what: string;
  /** SQL condition over silver's live rows, in the shape before: a row it finds may have changed. 'true': any row. */
  readonly rows: string;
}

export interface ColumnVerdict {
  readonly forms: readonly ShapeFormId[];
  readonly doubts: readonly Doubt[];
}

const ANY_ROW = 'true';
const NOT_ASCII = `'[^\\x00-\\x7F]'`;
/** Character sets that have every character of Unicode. */
const UNICODE = new Set(['utf8mb4', 'utf16', 'utf16le', 'utf32']);
/** Characters of these are in the set that follows. */
const CONTAINED: Readonly<Record<string, readonly string[]>> = { utf8mb3: ['ucs2'], utf8: ['ucs2'], ucs2: ['utf8mb3', 'utf8'] };

/** Judges a column that has the same name before and after. `name` is its name in silver before the change. */
export function judgeColumn(before: ColumnSchema, after: ColumnSchema): ColumnVerdict {
  const field = ident(before.name);
  const forms: ShapeFormId[] = [];
  const doubts: Doubt[] = [];
  const doubt = (form: ShapeFormId, rows: string): void => {
    forms.push(form);
    doubts.push({ form, what: before.name, rows });
  };
  if (before.nullable && !after.nullable) doubt('not-null', `${field} IS NULL`);
  const [old, now] = [columnType(before), columnType(after)];
  const values = judgeValues({ before, old, after, now, field });
  if (values !== null) doubt(values.form, values.rows);
  if (isText(old) && isText(now) && before.charset !== after.charset && !keepsCharacters(before.charset, after.charset))
    doubt('charset', `regexp_matches(${field}, ${NOT_ASCII})`);
  if (forms.length === 0) forms.push(isSame(before, after) ? 'same' : 'widen');
  return { forms, doubts };
}

interface Pair {
  readonly before: ColumnSchema;
  readonly old: ColumnType;
  readonly after: ColumnSchema;
  readonly now: ColumnType;
  readonly field: string;
}

type Finding = { readonly form: ShapeFormId; readonly rows: string } | null;

const RETYPED: Finding = { form: 'retype', rows: ANY_ROW };
const narrow = (rows: string): Finding => ({ form: 'narrow', rows });

/** Null when every value stays what it is. */
function judgeValues(pair: Pair): Finding {
  const { old, now, before, after } = pair;
  if (old.logical !== now.logical) return RETYPED;
  switch (now.logical) {
    case 'integer':
      return judgeInteger(pair);
    case 'decimal':
      return judgeDecimal(pair);
    case 'text':
      return judgeText(pair);
    case 'enum':
    case 'set':
      return judgeMembers(pair);
    case 'datetime':
    case 'timestamp':
      return judgeFraction(pair, (digits) => `epoch_us(${pair.field}) % ${10 ** (6 - digits)} <> 0`);
    case 'time':
      return judgeFraction(pair, (digits) => `${pair.field} % ${10 ** (6 - digits)} <> 0`);
    case 'binary':
      return judgeBinary(pair);
    case 'date':
    case 'json':
    case 'double':
    case 'year':
    case 'geometry':
      return before.typeName === after.typeName || now.logical !== 'geometry' ? null : RETYPED;
    default:
      return before.typeName === after.typeName && before.length === after.length && before.scale === after.scale ? null : RETYPED;
  }
}

const INTEGER_BITS: Readonly<Record<string, number>> = { TINYINT: 8, SMALLINT: 16, INTEGER: 32, BIGINT: 64 };

/** MEDIUMINT lies in silver's INTEGER, so MySQL's own width counts. */
function integerRange({ typeName }: ColumnSchema, { duckdbType }: ColumnType): [bigint, bigint] {
  const { base, unsigned } = splitSign(typeName);
  const bits = BigInt(/^(MEDIUMINT|MIDDLEINT|INT3)$/.test(base) ? 24 : (INTEGER_BITS[duckdbType.replace(/^U/, '')] ?? 64));
  return unsigned ? [0n, (1n << bits) - 1n] : [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
}

function judgeInteger({ before, old, after, now, field }: Pair): Finding {
  const [oldLow, oldHigh] = integerRange(before, old);
  const [low, high] = integerRange(after, now);
  if (low <= oldLow && high >= oldHigh) return null;
  return narrow(`${field}::HUGEINT < ${low} OR ${field}::HUGEINT > ${high}`);
}

const DEFAULT_DIGITS = 10;
const DUCKDB_DIGITS_MAX = 38;

function judgeDecimal({ before, after, field }: Pair): Finding {
  const [oldDigits, oldScale] = [before.length ?? DEFAULT_DIGITS, before.scale ?? 0];
  const [digits, scale] = [after.length ?? DEFAULT_DIGITS, after.scale ?? 0];
  if (digits > DUCKDB_DIGITS_MAX || oldDigits > DUCKDB_DIGITS_MAX) return digits === oldDigits && scale === oldScale ? null : RETYPED; // kept as text of exactly `scale` digits
  if (scale >= oldScale && digits - scale >= oldDigits - oldScale) return null;
  return narrow(`TRY_CAST(${field} AS DECIMAL(${digits},${scale})) IS NULL OR CAST(${field} AS DECIMAL(${digits},${scale})) <> ${field}`);
}

const TEXT_BYTES: Readonly<Record<string, number>> = { TINYTEXT: 255, TEXT: 65_535, MEDIUMTEXT: 16_777_215, LONGTEXT: 4_294_967_295 };

function judgeText({ before, after, field }: Pair): Finding {
  const fixed = (column: ColumnSchema): boolean => !/VAR|TEXT|LONG/.test(column.typeName);
  if (fixed(after) && !fixed(before)) return { form: 'retype', rows: `${field} LIKE '% ' OR length(${field}) > ${after.length ?? 1}` }; // CHAR drops spaces at the end
  const [oldBytes, bytes] = [TEXT_BYTES[before.typeName], TEXT_BYTES[after.typeName]];
  if (bytes !== undefined) {
    const most = oldBytes ?? 4 * (before.length ?? 1);
    return bytes >= most ? null : narrow(`strlen(${field}) * 4 > ${bytes}`);
  }
  const length = after.length ?? 1;
  if (oldBytes === undefined && length >= (before.length ?? 1)) return null;
  return narrow(`length(${field}) > ${length}`);
}

function judgeMembers({ before, old, after, field }: Pair): Finding {
  const members = after.enumValues ?? [];
  const lost = (before.enumValues ?? []).filter((member) => !members.includes(member));
  if (old.logical === 'set') {
    const order = members.filter((member) => (before.enumValues ?? []).includes(member)).join('\0');
    return lost.length === 0 && order === (before.enumValues ?? []).join('\0') ? null : narrow(`${field} <> ''`); // values are written in member order
  }
  if (lost.length === 0) return null;
  return narrow(`${field} NOT IN (${members.map(literal).join(', ')})`);
}

function judgeFraction({ before, after }: Pair, rows: (digits: number) => string): Finding {
  const [oldDigits, digits] = [before.length ?? 0, after.length ?? 0];
  return digits >= oldDigits ? null : narrow(rows(digits));
}

function judgeBinary({ before, after, field }: Pair): Finding {
  const fixed = (column: ColumnSchema): boolean => column.typeName === 'BINARY';
  if (fixed(after)) return fixed(before) && before.length === after.length ? null : RETYPED; // BINARY is filled up with zeros
  const size = (column: ColumnSchema): number => BLOB_BYTES[column.typeName] ?? column.length ?? 1;
  return size(after) >= size(before) ? null : narrow(`octet_length(${field}) > ${size(after)}`);
}

const BLOB_BYTES: Readonly<Record<string, number>> = { TINYBLOB: 255, BLOB: 65_535, MEDIUMBLOB: 16_777_215, LONGBLOB: 4_294_967_295 };

function isText({ logical }: ColumnType): boolean {
  return logical === 'text' || logical === 'enum' || logical === 'set';
}

function keepsCharacters(before: string | null, after: string | null): boolean {
  if (before === null || after === null) return false;
  return UNICODE.has(after) || before === 'ascii' || before === after || (CONTAINED[before] ?? []).includes(after);
}

function isSame(before: ColumnSchema, after: ColumnSchema): boolean {
  return (
    before.typeName === after.typeName &&
    before.length === after.length &&
    before.scale === after.scale &&
    before.nullable === after.nullable &&
    (before.enumValues ?? []).join('\0') === (after.enumValues ?? []).join('\0')
  );
}
