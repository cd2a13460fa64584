import { testColumn as of } from '../../schema/duckdb-testkit.ts';
import { testConverters } from './converter-testkit.ts';

const text = (value: string): string => JSON.stringify(value);

testConverters([
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
  // Debezium decodes latin1 as windows-1252, which has no character for five of its bytes.
  { column: of('VARCHAR', { charset: 'latin1' }), type: 'VARCHAR', good: [[text('naïve €'), 'naïve €']], bad: [text('lost \ufffd')] },
  { column: of('TEXT', { charset: 'utf16' }), type: 'VARCHAR', good: [[text('\ufffd 𝄞'), '\ufffd 𝄞']], bad: [] },
  {
    column: of('CHAR', { charset: 'cp866' }),
    type: 'VARCHAR',
    good: [
      [text('x\u2116 \u00a4'), 'x\u207f \u00b2'],
      [text('x\u207f \u00b2'), 'x\u207f \u00b2'],
    ],
    bad: [text('\ufffd')],
  },
  {
    column: of('VARCHAR', { charset: 'sjis' }),
    type: 'VARCHAR',
    good: [
      [text('c:\uff3c漢字'), 'c:\\漢字'],
      [text('c:\\漢字'), 'c:\\漢字'],
    ],
    bad: [text('\ufffd')],
  },
  { column: of('VARCHAR', { charset: 'gbk' }), type: 'VARCHAR', good: [[text('汉字\u2641'), '汉字\u2295']], bad: [] },
  { column: of('VARCHAR', { charset: 'koi8u' }), type: 'VARCHAR', good: [[text('\u2553\u2555'), 'єі']], bad: [] },
  {
    column: of('VARCHAR', { charset: 'gb18030' }),
    type: 'VARCHAR',
    good: [[text('汉字😀'), '汉字😀']],
    bad: [text('\ufe10'), text('\ue81e')],
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
    column: of('ENUM', { enumValues: ['small', "me'dium", 'la,rge', 'e\\f', 'new\nline'] }),
    type: 'VARCHAR',
    good: [
      ['"small"', 'small'],
      [text("me'dium"), "me'dium"],
      [text('la\\,rge'), 'la,rge'],
      [text('la,rge'), 'la,rge'],
      [text('e\\\\f'), 'e\\f'],
      [text('new\\nline'), 'new\nline'],
      [text('new\nline'), 'new\nline'],
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
      [text('{"a b": [1, 2, {"c": " x,  y: \\" \\\\"}], "": null}'), '{"a b":[1,2,{"c":" x,  y: \\" \\\\"}],"":null}'],
      [text('["base64:type15:AP8=", 1]'), '["AP8=",1]'],
      [text('{"t":"-12:34:56.789000"}'), '{"t":"-12:34:56.789000"}'],
    ],
    bad: [text('{"t":"13:0-35:0-57.00000-789"}')],
  },
  {
    column: of('POINT'),
    type: 'STRUCT(wkb BLOB, srid INTEGER)',
    good: [
      ['{"x":1.0,"y":2.0,"wkb":"AQE=","srid":4326}', "{'wkb': \\x01\\x01, 'srid': 4326}"],
      ['{"wkb":"AQE=","srid":null}', "{'wkb': \\x01\\x01, 'srid': 0}"],
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
]);
