import { testColumn as of } from '../../schema/duckdb-testkit.ts';
import { testConverters } from './converter-testkit.ts';

testConverters([
  {
    column: of('TINYINT', { length: 1 }),
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
    bad: ['9223372036854775808', '1.0', '12e0', '"0x1f"', '""', 'true', '[1]'],
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
      ['"1234567890123456"', '1234567890123456.0000'],
      ['"-0.0001"', '-0.0001'],
      ['"99999999999999.9999"', '99999999999999.9999'],
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
]);
