// Value forms: for each family of types, an SQL text from MySQL and one from silver (or the published lake) that are brought to
// one canonical string in which equality is exact: bits of floats, microseconds of times, hexadecimal of bytes and texts.

/** How one family's values are read on both sides. */
export interface Form {
  /** MySQL expression of the column; text, or a number where the binary protocol carries its bits. */
  readonly mysql: (column: string) => string;
  /** DuckDB expression giving VARCHAR. */
  readonly lake: (column: string) => string;
  /** Canonical string of what either side gave; NULL never gets here. */
  readonly canonical?: (value: unknown) => string;
}

const asChar = (column: string): string => `CAST(${column} AS CHAR)`;
const asVarchar = (column: string): string => `CAST(${column} AS VARCHAR)`;

/** A whole or decimal number without padding zeros in front, and with a digit before its point. */
function number(value: unknown): string {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)0*(\d*)(\.\d+)?$/.exec(String(value)) ?? [];
  return `${sign}${whole === '' ? '0' : whole}${fraction}`;
}

/** The 64 bits of a double. */
function bits(value: unknown): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(Number(value));
  return bytes.toString('hex');
}

/** `-838:59:59.5` and signed microseconds, both as microseconds. */
function microseconds(value: unknown): string {
  const match = /^(-?)(\d+):(\d\d):(\d\d)(?:\.(\d+))?$/.exec(String(value));
  if (match === null) return String(value);
  const [, sign, hours = '', minutes = '', seconds = '', fraction = ''] = match;
  const whole = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  const total = whole * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
  return String(sign === '-' ? -total : total);
}

const withoutZeros = (value: unknown): string =>
  String(value)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');

/**
 * JSON without white space, whole numbers of 64 bits as they are, other numbers as the bits of their double. MySQL writes a double
 * without fraction as 1e100 or 1.0, Debezium as a whole number; binary values have their type in front in MySQL.
 */
function json(value: unknown): string {
  return String(value).replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\s+/g, (token) => {
    if (/^\s/.test(token)) return '';
    if (token.startsWith('"')) return JSON.stringify((JSON.parse(token) as string).replace(/^base64:type\d+:/, ''));
    if (/^-?\d{1,20}$/.test(token)) return token;
    const number = Number(token);
    return Number.isSafeInteger(number) && !Object.is(number, -0) ? String(number) : `#${bits(number)}`;
  });
}

/** Bytes of single-precision numbers, lowest byte first, from hexadecimal text or from numbers with blanks between. */
function singles(value: unknown): string {
  const text = String(value);
  if (/^[0-9A-F]*$/.test(text) && text.length % 8 === 0) return text;
  const numbers = Float32Array.from(text.split(' ').map(Number));
  return Buffer.from(numbers.buffer).toString('hex').toUpperCase();
}

export const FORMS = {
  number: { mysql: asChar, lake: asVarchar, canonical: number },
  float: { mysql: (column) => `CAST(${column} AS DOUBLE)`, lake: (column) => `CAST(${column}::DOUBLE AS VARCHAR)`, canonical: bits },
  bit: { mysql: (column) => `CAST(CAST(${column} AS UNSIGNED) AS CHAR)`, lake: (column) => `CAST(${column}::UBIGINT AS VARCHAR)` },
  date: { mysql: asChar, lake: asVarchar },
  time: { mysql: asChar, lake: asVarchar, canonical: microseconds },
  datetime: { mysql: asChar, lake: asVarchar, canonical: withoutZeros },
  text: { mysql: (column) => `HEX(CONVERT(${column} USING utf8mb4))`, lake: (column) => `hex(encode(${column}))` },
  binary: { mysql: (column) => `HEX(${column})`, lake: (column) => `hex(${column})` },
  json: { mysql: (column) => `CAST(${column} AS CHAR CHARACTER SET utf8mb4)`, lake: asVarchar, canonical: json },
  // MySQL keeps a geometry as its SRID, 4 bytes lowest first, and then its WKB.
  geometry: {
    mysql: (column) => `HEX(${column})`,
    lake: (column) =>
      `printf('%02X%02X%02X%02X', ${[0, 8, 16, 24].map((shift) => `(${column}.srid >> ${shift}) & 255`).join(', ')}) || hex(${column}.wkb)`,
  },
  vector: {
    mysql: (column) => `HEX(${column})`,
    lake: (column) => `array_to_string(list_transform(${column}, lambda x: CAST(x::DOUBLE AS VARCHAR)), ' ')`,
    canonical: singles,
  },
} as const satisfies Record<string, Form>;

export type FormName = keyof typeof FORMS;
