// The world of types: one wide table per family, every type twice (nullable and NOT NULL), every value in a row of its own.

import type { FormName } from './forms.ts';

/** One column type with the values it is shown with, as SQL literals. */
export interface TypeCase {
  readonly type: string;
  readonly form: FormName;
  readonly values: readonly string[];
}

/** A table of the world: cases become columns, their values rows. */
export interface Family {
  readonly table: string;
  readonly cases: readonly TypeCase[];
}

const integers = (type: string, low: bigint, high: bigint): TypeCase => ({
  type,
  form: 'number',
  values: [...new Set([low, low + 1n, low < 0n ? -1n : 0n, 0n, 1n, high / 2n, high - 1n, high])].map(String),
});

const WIDTHS: readonly (readonly [string, number])[] = [
  ['TINYINT', 8],
  ['TINYINT(1)', 8],
  ['BOOLEAN', 8],
  ['INT1', 8],
  ['SMALLINT', 16],
  ['INT2', 16],
  ['MEDIUMINT', 24],
  ['MIDDLEINT', 24],
  ['INT', 32],
  ['INTEGER', 32],
  ['INT4', 32],
  ['BIGINT', 64],
  ['INT8', 64],
];

const INTEGERS: readonly TypeCase[] = WIDTHS.flatMap(([type, bits]) => {
  const size = 1n << BigInt(bits);
  const signed = integers(type, -size / 2n, size / 2n - 1n);
  if (type === 'BOOLEAN') return [{ type, form: 'number', values: ['0', '1'] }];
  const unsigned = integers(`${type} UNSIGNED`, 0n, size - 1n);
  return type.includes('(') ? [signed, unsigned] : [signed, unsigned, integers(`${type} ZEROFILL`, 0n, size - 1n)];
});

const decimals = (digits: number, scale: number, word = 'DECIMAL', more = ''): TypeCase => {
  const whole = '9'.repeat(digits - scale) || '0';
  const high = scale === 0 ? whole : `${whole}.${'9'.repeat(scale)}`;
  const least = scale === 0 ? '1' : `0.${'0'.repeat(scale - 1)}1`;
  const positive = ['0', least, high, ...(scale > 0 && digits > scale ? ['1', `7.${'0'.repeat(scale - 1)}5`] : [])];
  const signed = more === '' ? [...positive, `-${least}`, `-${high}`] : positive;
  return { type: `${word}(${digits},${scale})${more}`, form: 'number', values: signed };
};

const DECIMALS: readonly TypeCase[] = [
  ...[
    [1, 0],
    [5, 2],
    [10, 0],
    [4, 4],
    [9, 9],
    [18, 0],
    [18, 18],
    [19, 4],
    [20, 4],
    [30, 30],
    [38, 0],
    [38, 10],
    [38, 30],
    [39, 0],
    [39, 30],
    [65, 0],
    [65, 30],
  ].map(([digits = 0, scale = 0]) => decimals(digits, scale)),
  decimals(12, 3, 'NUMERIC'),
  decimals(12, 3, 'DEC'),
  decimals(12, 3, 'FIXED'),
  decimals(20, 5, 'DECIMAL', ' UNSIGNED'),
  decimals(20, 5, 'DECIMAL', ' ZEROFILL'),
  decimals(65, 30, 'DECIMAL', ' ZEROFILL'),
];

const SINGLES = [
  '0',
  '-0e0',
  '0.1',
  '-0.1',
  '1/3',
  '16777216',
  '16777217',
  '123456.789',
  '1.17549435e-38',
  '-1.17549435e-38',
  '1.4e-45',
  '-1.4e-45',
  '1.1754942e-38',
  '3.40282346e38',
  '-3.40282346e38',
  '8.5e9',
  '3.3333333',
];
const DOUBLES = [
  ...SINGLES,
  '2.2250738585072014e-308',
  '4.9406564584124654e-324',
  '-4.9406564584124654e-324',
  '2.225073858507201e-308',
  '1.7976931348623157e308',
  '-1.7976931348623157e308',
  '9007199254740993e0',
  '0.30000000000000004e0',
  '1e22',
  '1e23',
];
const floats = (type: string, values: readonly string[]): TypeCase => ({ type, form: 'float', values });
const positive = (values: readonly string[]): string[] => values.filter((value) => !value.startsWith('-'));

const FLOATS: readonly TypeCase[] = [
  floats('FLOAT', SINGLES),
  floats('FLOAT UNSIGNED', positive(SINGLES)),
  floats('FLOAT ZEROFILL', positive(SINGLES)),
  floats('FLOAT(7,4)', ['0', '-0.0001', '999.9999', '-999.9999', '1.23456']),
  floats('FLOAT(24)', SINGLES),
  floats('FLOAT(25)', DOUBLES),
  floats('DOUBLE', DOUBLES),
  floats('FLOAT8', DOUBLES),
  floats('DOUBLE PRECISION', DOUBLES),
  floats('DOUBLE UNSIGNED', positive(DOUBLES)),
  floats('DOUBLE(20,5)', ['0', '-0.00001', '123456789012345.67891', '-999999999999999.99999']),
];

const BITS: readonly TypeCase[] = Array.from({ length: 64 }, (_unused, index) => {
  const size = 1n << BigInt(index + 1);
  const pattern = 0xa5a5_a5a5_a5a5_a5a5n % size;
  return { type: `BIT(${index + 1})`, form: 'bit', values: [0n, 1n, size - 1n, size / 2n, pattern].map(String) };
});

const quoted = (values: readonly string[]): string[] => values.map((value) => `'${value}'`);
const PRECISIONS = [0, 1, 2, 3, 4, 5, 6];
const fraction = (digits: number, from = '999999'): string => (digits === 0 ? '' : `.${from.slice(0, digits)}`);

const TIMES: readonly TypeCase[] = [
  {
    type: 'DATE',
    form: 'date',
    values: quoted(['1000-01-01', '0001-01-01', '0099-12-31', '1582-10-10', '1969-12-31', '1970-01-01', '2024-02-29', '9999-12-31']),
  },
  ...PRECISIONS.flatMap((digits): TypeCase[] => [
    {
      type: `TIME(${digits})`,
      form: 'time',
      values: quoted([
        '00:00:00',
        `00:00:00${fraction(digits, '000001')}`,
        `-00:00:00${fraction(digits, '999999')}`,
        `-00:00:01${fraction(digits, '500000')}`,
        `23:59:59${fraction(digits)}`,
        '24:00:00',
        `-23:59:59${fraction(digits)}`,
        `837:59:59${fraction(digits)}`,
        `-837:59:59${fraction(digits)}`,
        '838:59:59',
        '-838:59:59',
        `-100:00:00${fraction(digits, '123456')}`,
      ]),
    },
    {
      type: `DATETIME(${digits})`,
      form: 'datetime',
      values: quoted([
        '1000-01-01 00:00:00',
        `0001-01-01 00:00:00${fraction(digits, '000001')}`,
        `1582-10-04 23:59:59${fraction(digits)}`,
        '1582-10-15 00:00:00',
        `1969-12-31 23:59:59${fraction(digits)}`,
        '1970-01-01 00:00:00',
        `2026-03-29 02:30:00${fraction(digits, '123456')}`,
        `9999-12-31 23:59:59${fraction(digits)}`,
      ]),
    },
    {
      type: `TIMESTAMP(${digits})`,
      form: 'datetime',
      values: quoted([
        '1970-01-01 00:00:01',
        `1970-01-01 00:00:01${fraction(digits)}`,
        `2026-03-29 02:30:00${fraction(digits, '123456')}`,
        `2026-10-25 02:30:00${fraction(digits, '100000')}`,
        '2038-01-19 03:14:07',
      ]),
    },
  ]),
  { type: 'YEAR', form: 'number', values: ['1901', '2155', '0', '1970', '2000'] },
];

export const NUMBER_FAMILIES: readonly Family[] = [
  { table: 'w_integers', cases: INTEGERS },
  { table: 'w_decimals', cases: DECIMALS },
  { table: 'w_floats', cases: FLOATS },
  { table: 'w_bits', cases: BITS },
  { table: 'w_times', cases: TIMES },
];
