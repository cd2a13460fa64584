// One text per value, the same from MySQL and from DuckDB, for every type of docs/types.md: what digests are made of. A digest text may
// take two spellings of one JSON document for different, never two different values for the same; `exact` settles what it takes for
// different. docs/adr/0020 has the reasons.

import { columnType } from '../../cdc/schema/column-type.ts';
import type { ColumnSchema } from '../../cdc/schema/table-schema.ts';
import { ident, mysqlIdent } from '../../infra/runtime/sql-text.ts';

export type Dialect = 'mysql' | 'duckdb';

interface Form {
  /** SQL text of the value, never with a `|` or `~` in it; NULL stays NULL. */
  readonly mysql: (column: string) => string;
  readonly duckdb: (column: string) => string;
}

export interface CanonicalColumn {
  readonly name: string;
  /** Text that goes into the digest. */
  digest(dialect: Dialect, alias?: string): string;
  /** Text that is fetched for a row that differs: the whole value. */
  cell(dialect: Dialect): string;
  /** Whether the cell's text is hexadecimal UTF-8. */
  readonly isText: boolean;
  /** Whether two cells mean the same although their texts differ. */
  same(left: string, right: string): boolean;
}

/** @throws UnsupportedColumn when values of the type are not carried at all */
export function canonicalColumn(column: ColumnSchema): CanonicalColumn {
  const type = columnType(column);
  const cell = formOf(type.logical, column);
  const digest = isLong(column) || type.logical === 'json' ? hashed(type.logical) : cell;
  const name = (dialect: Dialect): string => (dialect === 'mysql' ? mysqlIdent(column.name) : ident(column.name));
  return {
    name: column.name,
    digest: (dialect, alias) => digest[dialect](`${alias === undefined ? '' : `${alias}.`}${name(dialect)}`),
    cell: (dialect) => cell[dialect](name(dialect)),
    isText: ['text', 'enum', 'set', 'json'].includes(type.logical),
    same: type.logical === 'json' ? sameJson : (left, right) => left === right,
  };
}

function formOf(logical: string, column: ColumnSchema): Form {
  if (logical === 'decimal') return decimalForm(column);
  if (logical === 'integer') return integerForm(column);
  const form = FORMS[logical];
  if (form === undefined) throw new Error(`no canonical text for ${logical}`);
  return form;
}

const TEXT: Form = { mysql: (column) => `HEX(CONVERT(${column} USING utf8mb4))`, duckdb: (column) => `hex(encode(${column}))` };
const BINARY: Form = { mysql: (column) => `HEX(${column})`, duckdb: (column) => `hex(${column})` };
const FLOAT: Form = { mysql: mysqlFloat, duckdb: duckdbFloat };
const INSTANT: Form = {
  mysql: (column) => `CAST((TO_SECONDS(${column}) - 62167219200) * 1000000 + MICROSECOND(${column}) AS CHAR)`,
  duckdb: (column) => `CAST(epoch_us(${column}) AS VARCHAR)`,
};

const FORMS: Readonly<Record<string, Form>> = {
  float: FLOAT,
  double: FLOAT,
  bit: {
    mysql: (column) => `CAST(CAST(${column} AS UNSIGNED) AS CHAR)`,
    duckdb: (column) => `CAST(CAST(${column} AS UBIGINT) AS VARCHAR)`,
  },
  date: { mysql: (column) => `CAST(${column} AS CHAR)`, duckdb: (column) => `CAST(${column} AS VARCHAR)` },
  time: {
    mysql: (column) =>
      `CAST((ABS(TIME_TO_SEC(${column})) * 1000000 + MICROSECOND(${column})) * IF(LEFT(CAST(${column} AS CHAR), 1) = '-', -1, 1) AS CHAR)`,
    duckdb: (column) => `CAST(${column} AS VARCHAR)`,
  },
  datetime: INSTANT,
  timestamp: INSTANT,
  year: { mysql: (column) => `CAST(CAST(${column} AS UNSIGNED) AS CHAR)`, duckdb: (column) => `CAST(${column} AS VARCHAR)` },
  text: TEXT,
  enum: TEXT,
  set: TEXT,
  binary: BINARY,
  json: TEXT,
  // MySQL keeps a geometry as its SRID, four bytes lowest first, and then its WKB.
  geometry: {
    mysql: (column) => `HEX(${column})`,
    duckdb: (column) =>
      `printf('%02X%02X%02X%02X', ${[0, 8, 16, 24].map((shift) => `(${column}.srid >> ${shift}) & 255`).join(', ')}) || hex(${column}.wkb)`,
  },
  vector: {
    mysql: (column) => `HEX(${column})`,
    duckdb: (column) =>
      `array_to_string(list_transform(list_transform(${column}, lambda x: hex(CAST(CAST(x AS BIT) AS BLOB))), lambda h: h[7:8] || h[5:6] || h[3:4] || h[1:2]), '')`,
  },
};

/** ZEROFILL pads the text, not the number. */
function integerForm({ typeName }: ColumnSchema): Form {
  const mysql = (column: string): string => `CAST(${typeName.includes('ZEROFILL') ? `CAST(${column} AS UNSIGNED)` : column} AS CHAR)`;
  return { mysql, duckdb: (column) => `CAST(${column} AS VARCHAR)` };
}

const DUCKDB_DIGITS_MAX = 38;

/** DuckDB writes no digit before the point of a DECIMAL(4,4); a DECIMAL it cannot hold is MySQL's own text. */
function decimalForm({ length, scale, typeName }: ColumnSchema): Form {
  const [digits, fraction] = [length ?? 10, scale ?? 0];
  const plain = (column: string): string => (typeName.includes('ZEROFILL') ? `CAST(${column} AS DECIMAL(${digits},${fraction}))` : column);
  const text = (column: string): string => `CAST(${column} AS VARCHAR)`;
  const noDigit = digits === fraction && digits <= DUCKDB_DIGITS_MAX;
  return {
    mysql: (column) => `CAST(${plain(column)} AS CHAR)`,
    duckdb: (column) => (noDigit ? `regexp_replace(${text(column)}, '^(-?)\\.', '\\1' || '0.')` : text(column)),
  };
}

const LONG = /TEXT|BLOB|LONG|GEOM|POINT|LINESTRING|POLYGON|VECTOR/;

function isLong({ typeName }: ColumnSchema): boolean {
  return LONG.test(typeName);
}

/** The value's own hash: a long value is not doubled in memory. JSON without MySQL's blanks behind `,` and `:`, also those inside its texts. */
function hashed(logical: string): Form {
  const hash = (form: Form): Form => ({
    mysql: (column) => sha256(form.mysql(column), 'mysql'),
    duckdb: (column) => sha256(form.duckdb(column), 'duckdb'),
  });
  const itself = (column: string): string => column;
  if (logical === 'json') {
    const tight = (text: string): string => `REPLACE(REPLACE(${text}, ', ', ','), ': ', ':')`;
    return hash({ mysql: (column) => tight(`CAST(${column} AS CHAR CHARACTER SET utf8mb4)`), duckdb: tight });
  }
  if (logical === 'text') return hash({ mysql: (column) => `CONVERT(${column} USING utf8mb4)`, duckdb: itself });
  if (logical === 'binary') return hash({ mysql: itself, duckdb: itself });
  const form = FORMS[logical];
  if (form === undefined) throw new Error(`no canonical text for ${logical}`);
  return hash(form);
}

/** Takes the place of NULL; no canonical text has it. */
const NULL_TEXT = `'~'`;

export function orNull(text: string, dialect: Dialect): string {
  return `${dialect === 'mysql' ? 'IFNULL' : 'coalesce'}(${text}, ${NULL_TEXT})`;
}

/** A row's canonical key: its columns' texts with `|` between. */
export function keyText(columns: readonly ColumnSchema[], dialect: Dialect): string {
  const parts = columns.map((column) => orNull(canonicalColumn(column).cell(dialect), dialect));
  return `CONCAT_WS('|', ${parts.join(', ')})`;
}

/** A canonical key as people write it. */
export function readableKey(columns: readonly ColumnSchema[], key: string): string {
  const parts = key.split('|');
  return columns.map((column, index) => (isText(column) ? decodeHex(parts[index] ?? '') : (parts[index] ?? ''))).join('|');
}

/** Whether a cell's text is hexadecimal UTF-8 of what people read. */
export function isText(column: ColumnSchema): boolean {
  return ['text', 'enum', 'set'].includes(columnType(column).logical);
}

/** SHA-256 in lower-case hexadecimal. */
export function sha256(text: string, dialect: Dialect): string {
  return dialect === 'mysql' ? `SHA2(${text}, 256)` : `sha256(${text})`;
}

/**
 * Sign, shortest exact digits, power of ten: `-0.125e1`. Both print these digits, in other spellings; but MySQL makes no number longer than 22
 * characters, so below 1e-99, where they would not fit, the number is multiplied by 2^1000, which is exact, and marked.
 */
const SMALL = '1e-99';
const TWO_TO_1000 = '1.0715086071862673e301';

function mysqlFloat(column: string): string {
  const size = `ABS(CAST(${column} AS DOUBLE))`;
  const text = `CAST(IF(${size} < ${SMALL}, ${size} * ${TWO_TO_1000}, ${size}) AS CHAR)`;
  const mantissa = `SUBSTRING_INDEX(${text}, 'e', 1)`;
  const exponent = `IF(LOCATE('e', ${text}) > 0, CAST(SUBSTRING_INDEX(${text}, 'e', -1) AS SIGNED), 0)`;
  const digits = `REPLACE(${mantissa}, '.', '')`;
  const whole = `LENGTH(SUBSTRING_INDEX(${mantissa}, '.', 1))`;
  const first = `TRIM(LEADING '0' FROM ${digits})`;
  const power = `${exponent} + ${whole} - (LENGTH(${digits}) - LENGTH(${first}))`;
  const spelled = `CONCAT(IF(${column} < 0, '-0.', '0.'), TRIM(TRAILING '0' FROM ${first}), 'e', ${power}, IF(${size} < ${SMALL}, 's', ''))`;
  return `IF(${column} IS NULL, NULL, IF(${column} = 0, '0', ${spelled}))`;
}

function duckdbFloat(column: string): string {
  const size = `abs(CAST(${column} AS DOUBLE))`;
  const text = `CAST(CASE WHEN ${size} < ${SMALL} THEN ${size} * ${TWO_TO_1000} ELSE ${size} END AS VARCHAR)`;
  const mantissa = `split_part(${text}, 'e', 1)`;
  const exponent = `coalesce(TRY_CAST(replace(split_part(${text}, 'e', 2), '+', '') AS INTEGER), 0)`;
  const digits = `replace(${mantissa}, '.', '')`;
  const whole = `length(split_part(${mantissa}, '.', 1))`;
  const first = `ltrim(${digits}, '0')`;
  const power = `(${exponent} + ${whole} - (length(${digits}) - length(${first})))`;
  const mark = `CASE WHEN ${size} < ${SMALL} THEN 's' ELSE '' END`;
  const spelled = `CASE WHEN ${column} < 0 THEN '-0.' ELSE '0.' END || rtrim(${first}, '0') || 'e' || ${power} || ${mark}`;
  return `CASE WHEN ${column} = 0 THEN '0' WHEN ${column} IS NOT NULL THEN ${spelled} END`;
}

function sameJson(left: string, right: string): boolean {
  return left === right || jsonForm(decodeHex(left)) === jsonForm(decodeHex(right));
}

/** Text of a cell that is hexadecimal UTF-8. */
export function decodeHex(hex: string): string {
  return Buffer.from(hex, 'hex').toString('utf8');
}

/**
 * JSON without white space, whole numbers as they are, other numbers as their double. MySQL writes a double without fraction as 1e100 or
 * 1.0, Debezium as a whole number; binary values have their type in front in MySQL.
 */
function jsonForm(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\s+/g, (token) => {
    if (/^\s/.test(token)) return '';
    if (token.startsWith('"')) return JSON.stringify((JSON.parse(token) as string).replace(/^base64:type\d+:/, ''));
    if (/^-?\d{1,20}$/.test(token)) return token;
    const number = Number(token);
    return Number.isSafeInteger(number) && !Object.is(number, -0) ? String(number) : `#${number}`;
  });
}
