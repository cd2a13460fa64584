// The world of types, second part: texts in all character sets, bytes, members, documents, shapes.

import type { Family, TypeCase } from './world.ts';

const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
const utf8 = (text: string): string => `_utf8mb4 x'${Buffer.from(text).toString('hex')}'`;
const bytes = (hex: string): string => (hex === '' ? `''` : `x'${hex}'`);

/** What every character set can hold, and what only some can. */
const PLAIN = [
  '',
  'a',
  ' ',
  'trail  ',
  '  lead',
  'tab\there',
  'line\nfeed\r',
  'quote\'"`',
  'back\\slash',
  '%_',
  'null',
  '\0nul\0',
  '{"a":1}',
];
const BY_CHARSET: Readonly<Record<string, readonly string[]>> = {
  ascii: [],
  latin1: ['äöüÿ', '€œŸ', '¡\u00a0'],
  gbk: ['汉字，测试', '龙', '〇', '·—'],
  gb18030: ['汉字𠀀', '😀', '€'],
  big5: ['漢字', '測試'],
  sjis: ['漢字カナ', 'ｱｲｳ'],
  cp932: ['漢字カナ', '①'],
  ujis: ['漢字カナ'],
  euckr: ['한글'],
  cp1251: ['Привет', '№'],
  koi8r: ['Привет', '─'],
  latin2: ['ąęł'],
  greek: ['αβγ'],
  utf8mb3: ['漢字 ä €', '\ufffd'],
  ucs2: ['漢字 ä €', '\uffee'],
  utf16: ['漢字 ä', '𝄞😀', '\uffee'],
  utf16le: ['漢字 ä', '𝄞😀'],
  utf32: ['漢字 ä', '𝄞😀'],
  utf8mb4: ['漢字 ä', '𝄞😀👩‍👩‍👧', '\ufffd\ufeff', 'e\u0301é', '\u2028'],
};

const texts = (type: string, values: readonly string[]): TypeCase => ({ type, form: 'text', values: values.map(utf8) });

const CHARSETS: readonly TypeCase[] = Object.entries(BY_CHARSET).flatMap(([charset, more]) => [
  texts(`VARCHAR(40) CHARACTER SET ${charset}`, [...PLAIN, ...more]),
  texts(`CHAR(20) CHARACTER SET ${charset}`, [...PLAIN, ...more]),
  texts(`TEXT CHARACTER SET ${charset}`, [...PLAIN, ...more]),
]);

const WORLD = [...PLAIN, ...(BY_CHARSET['utf8mb4'] ?? [])];
const TEXTS: readonly TypeCase[] = [
  texts('CHAR(0)', ['']),
  texts('CHAR(1)', ['', 'a', '€', '😀']),
  texts('CHAR(255)', [...WORLD, 'x'.repeat(255)]),
  texts('VARCHAR(255)', [...WORLD, '😀'.repeat(255)]),
  texts('VARCHAR(1000)', [...WORLD, '漢'.repeat(1000)]),
  texts('TINYTEXT', [...WORLD, 'y'.repeat(255)]),
  texts('TEXT', [...WORLD, 'z'.repeat(65_535)]),
  texts('MEDIUMTEXT', [...WORLD, '𝄞'.repeat(20_000)]),
  texts('LONGTEXT', [...WORLD, 'm'.repeat(500_000)]),
  texts('NATIONAL VARCHAR(30)', PLAIN),
  texts('NCHAR(30)', PLAIN),
  texts('VARCHAR(50) COLLATE utf8mb4_bin', WORLD),
  texts('VARCHAR(50) COLLATE utf8mb4_0900_as_cs', WORLD),
  texts('VARCHAR(50) CHARACTER SET latin1 COLLATE latin1_bin', [...PLAIN, 'äöüÿ']),
  texts('CHAR(30) COLLATE utf8mb4_bin', WORLD),
  texts('LONG VARCHAR', WORLD),
];

const BYTES = ['', '00', '0000', '61620000', '2020', '6120', 'ff', '00ff00', 'deadbeef', 'c328', '5c', '27'];
const blobs = (type: string, values: readonly string[]): TypeCase => ({ type, form: 'binary', values: values.map(bytes) });
const BINARIES: readonly TypeCase[] = [
  blobs('BINARY(1)', ['', '00', '20', 'ff']),
  blobs('BINARY(8)', [...BYTES, '0102030405060708', '0102030405060700', '0000000000000001']),
  blobs('BINARY(255)', [...BYTES, 'ab'.repeat(255)]),
  blobs('VARBINARY(16)', [...BYTES, 'ff'.repeat(16), '00'.repeat(16)]),
  blobs('VARBINARY(1000)', [...BYTES, '00'.repeat(1000)]),
  blobs('TINYBLOB', [...BYTES, 'aa'.repeat(255)]),
  blobs('BLOB', [...BYTES, '01'.repeat(65_535)]),
  blobs('MEDIUMBLOB', [...BYTES, '00ff'.repeat(40_000)]),
  blobs('LONGBLOB', [...BYTES, 'fe'.repeat(300_000)]),
  blobs('LONG VARBINARY', BYTES),
];

const MEMBERS = ['small', "me'dium", 'la,rge', 'e\\f', 'ä€', ' lead', 'dou"ble', '\\', '\\\\,', 'null', 'a\nb'];
const list = (members: readonly string[]): string => members.map(literal).join(', ');
const SET_OF_64 = Array.from({ length: 64 }, (_unused, index) => `m${index}`);
const SET_MEMBERS = ['a', 'b c', "d'e", 'f\\g', 'ä€', '"h"'];
const MEMBER_CASES: readonly TypeCase[] = [
  { type: `ENUM(${list(MEMBERS)})`, form: 'text', values: [...MEMBERS.map(literal), '0'] },
  { type: `ENUM('x', 'y', 'é') CHARACTER SET latin1`, form: 'text', values: [`'x'`, `'é'`] },
  { type: `ENUM('', 'y')`, form: 'text', values: [`''`, `'y'`, '0'] },
  { type: `ENUM('1', '2', '0')`, form: 'text', values: [`'1'`, `'2'`, `'0'`, '1'] },
  { type: `SET(${list(SET_MEMBERS)})`, form: 'text', values: ['0', '1', '63', ...SET_MEMBERS.map(literal), `'a,b c'`, '42'] },
  { type: `SET(${list(SET_OF_64)})`, form: 'text', values: ['0', '1', '18446744073709551615', '9223372036854775808', `'m3,m63'`] },
  { type: `SET('汉', '字') CHARACTER SET gbk`, form: 'text', values: ['0', '3', `'字'`] },
];

const json = (text: string): string => `CAST(${utf8(text)} AS JSON)`;
const JSONS: readonly TypeCase[] = [
  {
    type: 'JSON',
    form: 'json',
    values: [
      ...[
        'null',
        'true',
        '0',
        '-1',
        '""',
        '"x"',
        '[]',
        '{}',
        '18446744073709551615',
        '-9223372036854775808',
        '9007199254740993',
        '1.5',
        '-0.0',
        '1e100',
        '1e-7',
        '0.1',
        '1.7976931348623157e308',
        '{"b": 1, "a": [1, 2, {"c": null}], "aa": " two  spaces "}',
        '["\\u0000", "\\"\\\\/\\b\\f\\n\\r\\t", "𝄞😀ä", "\\u2028"]',
        '{"": 1, "k k": {"x, y: z": ", "}}',
      ].map(json),
      `CAST(CAST('1234567890.123456789' AS DECIMAL(30,9)) AS JSON)`,
      `JSON_OBJECT('d', CAST('2026-11-21' AS DATE), 't', CAST('12:34:56.789123' AS TIME(6)), 'dt', CAST('2026-11-21 01:02:03.000004' AS DATETIME(6)))`,
      `JSON_ARRAY(x'00ff', CAST(1.10 AS DECIMAL(5,2)), TRUE, NULL, b'101')`,
      `JSON_OBJECT('long', REPEAT('x', 70000))`,
      `JSON_ARRAY(1.0, 1e0, 10000000000.0e0, 123456789.125e0)`,
    ],
  },
];

const SHAPES = [
  'POINT(1 2)',
  'POINT(-0.5 1e300)',
  'LINESTRING(0 0, 1 1)',
  'POLYGON((0 0, 0 1, 1 1, 0 0))',
  'MULTIPOINT(1 1, 2 2)',
  'MULTILINESTRING((0 0, 1 1), (2 2, 3 3))',
  'MULTIPOLYGON(((0 0, 0 1, 1 1, 0 0)))',
  'GEOMETRYCOLLECTION(POINT(1 1), LINESTRING(0 0, 1 1))',
  'GEOMETRYCOLLECTION EMPTY',
];
const shapes = (type: string, texts_: readonly string[], srid = 0): TypeCase => ({
  type,
  form: 'geometry',
  values: texts_.map((text) => `ST_GeomFromText('${text}', ${srid})`),
});
const GEOMETRIES: readonly TypeCase[] = [
  shapes('GEOMETRY', SHAPES),
  shapes('POINT', SHAPES.slice(0, 2)),
  shapes('POINT SRID 4326', ['POINT(10 20)', 'POINT(-90 180)'], 4326),
  shapes('GEOMETRY', ['POINT(1 2)'], 3857),
  shapes('LINESTRING', SHAPES.slice(2, 3)),
  shapes('POLYGON', SHAPES.slice(3, 4)),
  shapes('MULTIPOINT', SHAPES.slice(4, 5)),
  shapes('MULTILINESTRING', SHAPES.slice(5, 6)),
  shapes('MULTIPOLYGON', SHAPES.slice(6, 7)),
  shapes('GEOMETRYCOLLECTION', SHAPES.slice(7)),
];

const VECTORS: readonly TypeCase[] = [
  {
    type: 'VECTOR(3)',
    form: 'vector',
    values: [
      `STRING_TO_VECTOR('[1.5, -2, 3e10]')`,
      `STRING_TO_VECTOR('[0.1, 0, 1e-30]')`,
      `x'010000000000008001000080'`,
      `STRING_TO_VECTOR('[3.4028235e38, 1.17549435e-38, 16777217]')`,
      `STRING_TO_VECTOR('[1]')`,
    ],
  },
  { type: 'VECTOR', form: 'vector', values: [`STRING_TO_VECTOR('[${Array.from({ length: 2048 }, (_u, n) => n / 7).join(',')}]')`] },
];

/** Character sets of several tables: a row is limited to 64 KiB. */
export const TEXT_FAMILIES: readonly Family[] = [
  { table: 'w_charsets', cases: CHARSETS },
  { table: 'w_texts', cases: TEXTS },
  { table: 'w_binaries', cases: BINARIES },
  { table: 'w_members', cases: MEMBER_CASES },
  { table: 'w_jsons', cases: JSONS },
  { table: 'w_shapes', cases: GEOMETRIES },
  { table: 'w_vectors', cases: VECTORS },
];
