// Every converter in a real DuckDB: what Debezium sends, what silver gets, and what must raise. The JSON values were captured from
// MySQL 9.7 with the connector's own configuration.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DuckDbBench, testColumn, testTable, envelope } from '../../schema/duckdb-testkit.ts';
import type { ColumnSchema } from '../../schema/table-schema.ts';

let bench: DuckDbBench;
beforeAll(async () => {
  bench = await DuckDbBench.open();
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

interface Case {
  readonly column: ColumnSchema;
  readonly type: string;
  /** JSON in the envelope and the silver value as text. */
  readonly good: readonly (readonly [string, string | null])[];
  readonly bad: readonly string[];
}

const of = testColumn;
const text = (value: string): string => JSON.stringify(value);

const CASES: readonly Case[] = [
  {
    column: of('TINYINT'),
    type: 'TINYINT',
    good: [
      ['-128', '-128'],
      ['127', '127'],
      ['true', '1'],
    ],
    bad: ['128', '1.5', '"x"', '[1]', '{"a":1}', '1e1'],
  },
  {
    column: of('BOOL'),
    type: 'TINYINT',
    good: [
      ['true', '1'],
      ['false', '0'],
      ['1', '1'],
    ],
    bad: ['"yes"', '300'],
  },
  {
    column: of('TINYINT UNSIGNED'),
    type: 'UTINYINT',
    good: [
      ['255', '255'],
      ['0', '0'],
    ],
    bad: ['256', '-1'],
  },
  { column: of('SMALLINT'), type: 'SMALLINT', good: [['-32768', '-32768']], bad: ['32768'] },
  { column: of('SMALLINT UNSIGNED'), type: 'USMALLINT', good: [['65535', '65535']], bad: ['65536'] },
  { column: of('MEDIUMINT'), type: 'INTEGER', good: [['-8388608', '-8388608']], bad: ['2147483648'] },
  { column: of('MEDIUMINT UNSIGNED'), type: 'UINTEGER', good: [['16777215', '16777215']], bad: ['-1'] },
  {
    column: of('INT UNSIGNED ZEROFILL', { length: 10 }),
    type: 'UINTEGER',
    good: [
      ['4294967295', '4294967295'],
      ['42', '42'],
    ],
    bad: ['4294967296'],
  },
  {
    column: of('BIGINT'),
    type: 'BIGINT',
    good: [
      ['9223372036854775807', '9223372036854775807'],
      ['-9223372036854775808', '-9223372036854775808'],
      ['9007199254740993', '9007199254740993'],
    ],
    bad: ['9223372036854775808', '1.0', '12e0'],
  },
  {
    column: of('BIGINT UNSIGNED'),
    type: 'UBIGINT',
    good: [
      ['-1', '18446744073709551615'],
      ['-9223372036854775808', '9223372036854775808'],
      ['9223372036854775807', '9223372036854775807'],
      ['0', '0'],
    ],
    bad: ['18446744073709551616', '"AP8="', '1.5'],
  },
  {
    column: of('DECIMAL', { length: 20, scale: 4 }),
    type: 'DECIMAL(20,4)',
    good: [
      ['"1000.5000"', '1000.5000'],
      ['"-1234567890123456.7891"', '-1234567890123456.7891'],
      ['"0.0001"', '0.0001'],
      ['"1.5"', '1.5000'],
      ['"1.23450"', '1.2345'],
    ],
    bad: ['"1.23456"', '"12345678901234567.0000"', '"abc"', '""', '"1e-9"', 'true'],
  },
  { column: of('DECIMAL', { length: 5, scale: 0 }), type: 'DECIMAL(5,0)', good: [['"-99999"', '-99999']], bad: ['"1.5"', '"100000"'] },
  { column: of('NUMERIC', { length: 4, scale: 4 }), type: 'DECIMAL(4,4)', good: [['"0.5000"', '.5000']], bad: ['"0.50001"'] },
  {
    column: of('DECIMAL', { length: 38, scale: 10 }),
    type: 'DECIMAL(38,10)',
    good: [['"1234567890123456789012345678.0123456789"', '1234567890123456789012345678.0123456789']],
    bad: ['"12345678901234567890123456789.0"'],
  },
  {
    column: of('DECIMAL', { length: 65, scale: 30 }),
    type: 'VARCHAR',
    good: [
      [
        '"12345678901234567890123456789012345.123456789012345678901234567890"',
        '12345678901234567890123456789012345.123456789012345678901234567890',
      ],
      ['"-0.000000000000000000000000000001"', '-0.000000000000000000000000000001'],
    ],
    bad: ['"1.5e3"', '"x"'],
  },
  {
    column: of('FLOAT'),
    type: 'FLOAT',
    good: [
      ['3.4028235E38', '3.4028235e+38'],
      ['0.1', '0.1'],
      ['16777216.0', '16777216.0'],
    ],
    bad: ['1e39', '"NaN"', '"x"', '{}'],
  },
  { column: of('FLOAT', { length: 30 }), type: 'DOUBLE', good: [['1.1', '1.1']], bad: ['"Infinity"'] },
  {
    column: of('DOUBLE PRECISION'),
    type: 'DOUBLE',
    good: [
      ['-2.2250738585072014E-308', '-2.2250738585072014e-308'],
      ['1.7976931348623157E308', '1.7976931348623157e+308'],
      ['9.007199254740992E15', '9007199254740992.0'],
    ],
    bad: ['1e309', 'true'],
  },
  {
    column: of('BIT', { length: 1 }),
    type: 'BOOLEAN',
    good: [
      ['true', 'true'],
      ['false', 'false'],
    ],
    bad: ['1', '"AQ=="'],
  },
  {
    column: of('BIT', { length: 8 }),
    type: 'UBIGINT',
    good: [
      ['"gQ=="', '129'],
      ['"AA=="', '0'],
    ],
    bad: ['"ARA="', '"g"', '129'],
  },
  { column: of('BIT', { length: 13 }), type: 'UBIGINT', good: [['"ARA="', '4097']], bad: ['"gQ=="'] },
  { column: of('BIT', { length: 64 }), type: 'UBIGINT', good: [['"//////////8="', '18446744073709551615']], bad: ['true'] },
  {
    column: of('DATE'),
    type: 'DATE',
    good: [
      ['-354285', '1000-01-01'],
      ['19782', '2024-02-29'],
      ['2932896', '9999-12-31'],
    ],
    bad: ['"1984-02-29Z"', '1.5', '99999999999'],
  },
  {
    column: of('TIME', { length: 6 }),
    type: 'BIGINT',
    good: [
      ['-3020399000000', '-3020399000000'],
      ['3020398999000', '3020398999000'],
      ['-1', '-1'],
    ],
    bad: ['"17:30:00Z"', '0.5'],
  },
  {
    column: of('DATETIME'),
    type: 'TIMESTAMP',
    good: [
      ['-30610224000000', '1000-01-01 00:00:00'],
      ['1795222923456', '2026-11-21 01:02:03.456'],
    ],
    bad: ['"2026-11-21T00:00:00Z"', '9223372036854775807'],
  },
  { column: of('DATETIME', { length: 3 }), type: 'TIMESTAMP', good: [['1795222923456', '2026-11-21 01:02:03.456']], bad: ['1.5'] },
  { column: of('DATETIME', { length: 4 }), type: 'TIMESTAMP', good: [['1795222923456700', '2026-11-21 01:02:03.4567']], bad: ['true'] },
  {
    column: of('DATETIME', { length: 6 }),
    type: 'TIMESTAMP',
    good: [
      ['253402300799999999', '9999-12-31 23:59:59.999999'],
      ['-500000', '1969-12-31 23:59:59.5'],
      ['-62135596799999999', '0001-01-01 00:00:00.000001'],
    ],
    bad: ['9223372036854775807'],
  },
  {
    column: of('TIMESTAMP', { length: 6 }),
    type: 'TIMESTAMP',
    good: [
      ['"2038-01-19T03:14:07.999999Z"', '2038-01-19 03:14:07.999999'],
      ['"1970-01-01T00:00:01Z"', '1970-01-01 00:00:01'],
      ['"2026-11-20T19:32:03.100Z"', '2026-11-20 19:32:03.1'],
    ],
    bad: [
      '"2026-11-20T19:32:03+05:30"',
      '"infinity"',
      '"2026-11-20"',
      '1795243773389',
      '"2026-13-20T19:32:03Z"',
      '"2026-11-20T19:32:03.1234567Z"',
    ],
  },
  {
    column: of('YEAR'),
    type: 'SMALLINT',
    good: [
      ['2155', '2155'],
      ['1901', '1901'],
      ['1900', '0'],
      ['0', '0'],
    ],
    bad: ['"x"', '40000'],
  },
  {
    column: of('CHAR', { length: 10, charset: 'latin1' }),
    type: 'VARCHAR',
    good: [
      [text('äöüÿ'), 'äöüÿ'],
      ['""', ''],
    ],
    bad: [],
  },
  {
    column: of('VARCHAR', { length: 100, charset: 'utf8mb4' }),
    type: 'VARCHAR',
    good: [
      [text('öß €"\\ \n\t'), 'öß €"\\ \n\t'],
      [text('𝄞 汉字'), '𝄞 汉字'],
      [text('null'), 'null'],
      [text('\\u0000'), '\\u0000'],
    ],
    bad: [],
  },
  { column: of('LONGTEXT'), type: 'VARCHAR', good: [[text('m'.repeat(100_000)), 'm'.repeat(100_000)]], bad: [] },
  {
    column: of('BINARY', { length: 8 }),
    type: 'BLOB',
    good: [
      ['"0102030000000000"', '\\x01\\x02\\x03\\x00\\x00\\x00\\x00\\x00'],
      ['""', ''],
    ],
    bad: ['"zz"', '"abc"', '"AQID"'],
  },
  { column: of('LONGBLOB'), type: 'BLOB', good: [['"deadbeef"', '\\xDE\\xAD\\xBE\\xEF']], bad: ['"dead beef"'] },
  {
    column: of('ENUM', { enumValues: ['small', "me'dium", 'la,rge', 'e\\f'] }),
    type: 'VARCHAR',
    good: [
      ['"small"', 'small'],
      [text("me'dium"), "me'dium"],
      [text('la\\,rge'), 'la,rge'],
      [text('la,rge'), 'la,rge'],
      [text('e\\\\f'), 'e\\f'],
      ['""', ''],
    ],
    bad: [],
  },
  {
    column: of('SET', { enumValues: ['a', 'b', 'c d'] }),
    type: 'VARCHAR',
    good: [
      ['"a,c d"', 'a,c d'],
      ['""', ''],
    ],
    bad: [],
  },
  {
    column: of('JSON'),
    type: 'VARCHAR',
    good: [
      [text('{"a":1,"b":123456789012345678901234567890}'), '{"a":1,"b":123456789012345678901234567890}'],
      [text('null'), 'null'],
      [text('1.10'), '1.10'],
    ],
    bad: [],
  },
  {
    column: of('POINT'),
    type: 'STRUCT(wkb BLOB, srid INTEGER)',
    good: [
      ['{"x":1.0,"y":2.0,"wkb":"AQE=","srid":4326}', "{'wkb': \\x01\\x01, 'srid': 4326}"],
      ['{"wkb":"AQE=","srid":null}', "{'wkb': \\x01\\x01, 'srid': NULL}"],
    ],
    bad: ['{"wkb":null,"srid":1}', '{"wkb":"AQE="}', '"AQE="', '{"wkb":"A","srid":1}'],
  },
  {
    column: of('VECTOR', { length: 3 }),
    type: 'FLOAT[]',
    good: [
      ['[1.5,-2.0,3.0000001E10]', '[1.5, -2.0, 30000001024.0]'],
      ['[]', '[]'],
    ],
    bad: ['["x"]', '5', '[null]'],
  },
];

describe.each(
  CASES.map(
    (one) => [`${one.column.typeName}(${one.column.length ?? ''}${one.column.scale === null ? '' : `,${one.column.scale}`})`, one] as const,
  ),
)('%s', (_name, one) => {
  it.each(one.good)('%s becomes %s', async (json, silver) => {
    expect(await bench.convert(one.column, json)).toEqual({ text: silver, type: one.type });
  });

  it('keeps NULL', async () => {
    expect(await bench.convert(one.column, 'null')).toEqual({ text: null, type: one.type });
  });

  it.each(one.bad)('raises on %s and names the reason', async (json) => {
    await expect(bench.convert(one.column, json)).rejects.toThrow();
    const reason = await bench.reason(testTable([one.column]), Buffer.from(envelope({ x: json })));
    expect(reason).toMatch(/field x does not fit|not the expected fields/);
  });
});
