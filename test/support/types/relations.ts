// Tables of the world of types beside the wide ones: keys of every key-able type, odd names, 1,000 columns, no primary key.

import { FORMS, type FormName } from './forms.ts';
import { name, type WorldColumn } from './tables.ts';

/** A table with rows of its own, changed in the stream; read back whole and compared as a bag. */
export interface OddTable {
  readonly table: string;
  /** Statements before the snapshot. */
  readonly before: readonly string[];
  /** Statements behind it. */
  readonly after: readonly string[];
  readonly columns: readonly WorldColumn[];
}

interface KeyCase {
  readonly type: string;
  readonly form: FormName;
  readonly values: readonly string[];
}

const KEYS: readonly KeyCase[] = [
  { type: 'TINYINT', form: 'number', values: ['-128', '0', '127'] },
  { type: 'BOOLEAN', form: 'number', values: ['0', '1'] },
  { type: 'BIGINT UNSIGNED', form: 'number', values: ['0', '9223372036854775808', '18446744073709551615'] },
  { type: 'INT ZEROFILL', form: 'number', values: ['0', '42'] },
  { type: 'DECIMAL(20,4)', form: 'number', values: ['-1.5', '0', '99.0001'] },
  { type: 'DECIMAL(65,30)', form: 'number', values: ['-0.000000000000000000000000000001', '7', '99999999999999999999999999999999999.9'] },
  { type: 'DECIMAL(10,3) ZEROFILL', form: 'number', values: ['1.5', '2'] },
  { type: 'DOUBLE', form: 'float', values: ['0.1', '-2.5e-300', '4.9406564584124654e-324'] },
  { type: 'BIT(1)', form: 'bit', values: ['0', '1'] },
  { type: 'BIT(8)', form: 'bit', values: ['0', '129'] },
  { type: 'DATE', form: 'date', values: ["'2024-02-29'", "'0001-01-01'"] },
  { type: 'TIME(6)', form: 'time', values: ["'-838:59:58.999999'", "'00:00:00'", "'25:00:00.5'"] },
  { type: 'DATETIME', form: 'datetime', values: ["'2024-02-29 01:02:03'", "'1969-12-31 23:59:59'"] },
  { type: 'DATETIME(6)', form: 'datetime', values: ["'2024-02-29 01:02:03.000001'", "'0001-01-01'"] },
  { type: 'TIMESTAMP(3)', form: 'datetime', values: ["'2024-02-29 01:02:03.1'", "'2024-02-29 01:02:03.12'"] },
  { type: 'YEAR', form: 'number', values: ['0', '2000', '2155'] },
  { type: 'CHAR(10)', form: 'text', values: ["''", "'a'", "'ä€'", "' x'"] },
  { type: 'VARCHAR(50) COLLATE utf8mb4_0900_bin', form: 'text', values: ["''", "'a'", "'a '", "'\\\\q\\''", "'𝄞\"'"] },
  { type: 'VARCHAR(50)', form: 'text', values: ["'Abc'", "'é'"] },
  { type: 'VARCHAR(20) CHARACTER SET latin1', form: 'text', values: ["'ä'", "'€'"] },
  { type: 'VARCHAR(20) CHARACTER SET gbk', form: 'text', values: ["'汉'", "'字'"] },
  { type: 'VARCHAR(20) CHARACTER SET utf16', form: 'text', values: ["'𝄞'", "'a'"] },
  { type: 'BINARY(8)', form: 'binary', values: ["x'6100000000000000'", "x'0102030405060708'", "x'0000000000000000'"] },
  { type: 'VARBINARY(16)', form: 'binary', values: ["''", "x'00'", "x'0000'", "x'ff'"] },
  { type: "ENUM('a','b,c','d\\\\e')", form: 'text', values: ["'a'", "'b,c'", "'d\\\\e'"] },
  { type: "SET('a','b','c\\\\d')", form: 'text', values: ["''", "'a,b'", "'c\\\\d'"] },
];

const column = (text: string, type: string, form: FormName): WorldColumn => ({ name: text, type, form: FORMS[form] });

function keyTable({ type, form, values }: KeyCase, index: number, composite: boolean): OddTable {
  const table = `k${index}${composite ? '_and_more' : ''}`;
  const key = composite ? 'PRIMARY KEY (k, a)' : 'PRIMARY KEY (k)';
  const rows = values.map((value) => `(${value}, 7, 1)`).join(', ');
  return {
    table,
    before: [`CREATE TABLE ${table} (k ${type} NOT NULL, a INT NOT NULL, v INT, ${key})`, `INSERT INTO ${table} VALUES ${rows}`],
    after: [
      `UPDATE ${table} SET v = 2`,
      `DELETE FROM ${table} WHERE k = ${values[0] ?? ''}`,
      `INSERT INTO ${table} VALUES (${values[0] ?? ''}, 7, 3)`,
      `DELETE FROM ${table} WHERE k = ${values[1] ?? ''}`,
    ],
    columns: [column('k', type, form), column('a', 'INT', 'number'), column('v', 'INT', 'number')],
  };
}

const NAMES = [
  'select',
  'dot.ted',
  'sp ace',
  "quo'te",
  'back`tick',
  'naïve',
  '列表',
  'x'.repeat(64),
  '列'.repeat(40),
  '$dollar',
  'a-b',
  'back\\slash',
  'per%cent',
  'semi;colon',
  '1digit',
  'UPPER',
  '[brackets]',
  'paren(s)',
  'star*',
  '#hash',
  'slash/y',
];

const COLUMN_NAMES = [
  ...NAMES,
  'dou"ble',
  'com,ma',
  '列'.repeat(64),
  '$',
  '1',
  '~',
  'before',
  'after',
  'j',
  'key',
  'value',
  'op',
  'seq',
  'ord',
  'commit_id',
];

function namedTable(table: string): OddTable {
  return {
    table,
    before: [
      `CREATE TABLE ${name(table)} (id INT PRIMARY KEY, f FLOAT, y YEAR, v VARCHAR(10))`,
      `INSERT INTO ${name(table)} VALUES (1, 123456.789, 0, 'a'), (2, 0.1, 2000, NULL)`,
    ],
    after: [
      `INSERT INTO ${name(table)} SELECT id + 10, f, y, v FROM ${name(table)}`,
      `UPDATE ${name(table)} SET v = 'b' WHERE id = 1`,
      `DELETE FROM ${name(table)} WHERE id = 2`,
    ],
    columns: [column('id', 'INT', 'number'), column('f', 'FLOAT', 'float'), column('y', 'YEAR', 'number'), column('v', 'VARCHAR', 'text')],
  };
}

const WIDE = Array.from({ length: 999 }, (_unused, index) =>
  column(`c${index}`, index % 3 === 0 ? 'BIGINT UNSIGNED' : 'TINYINT', 'number'),
);

const ODD_COLUMNS: OddTable = {
  table: 'odd_columns',
  before: [
    `CREATE TABLE odd_columns (id INT PRIMARY KEY, ${COLUMN_NAMES.map((text) => `${name(text)} INT`).join(', ')})`,
    `INSERT INTO odd_columns VALUES (1, ${COLUMN_NAMES.map((_text, index) => index).join(', ')})`,
  ],
  after: [
    `INSERT INTO odd_columns VALUES (2, ${COLUMN_NAMES.map((_text, index) => -index).join(', ')})`,
    'UPDATE odd_columns SET `select` = 77 WHERE id = 1',
  ],
  columns: ['id', ...COLUMN_NAMES].map((text) => column(text, 'INT', 'number')),
};

const THOUSAND: OddTable = {
  table: 'thousand',
  before: [
    `CREATE TABLE thousand (id INT PRIMARY KEY, ${WIDE.map((one) => `${one.name} ${one.type}`).join(', ')})`,
    `INSERT INTO thousand VALUES (1, ${WIDE.map((_one, index) => (index % 3 === 0 ? '18446744073709551615' : 'NULL')).join(', ')})`,
  ],
  after: [
    `INSERT INTO thousand VALUES (2, ${WIDE.map((_one, index) => index % 100).join(', ')})`,
    'UPDATE thousand SET c998 = -1 WHERE id = 1',
  ],
  columns: [column('id', 'INT', 'number'), ...WIDE],
};

const COMPUTED: OddTable = {
  table: 'computed',
  before: [
    `CREATE TABLE computed (id INT PRIMARY KEY, a INT, stored_of BIGINT UNSIGNED GENERATED ALWAYS AS (a + 18446744073709551000) STORED,
      text_of VARCHAR(40) GENERATED ALWAYS AS (CONCAT('v', a)) VIRTUAL, ` +
      `virtual_of BIGINT UNSIGNED GENERATED ALWAYS AS (a * 2 + 18446744073709551000) VIRTUAL NOT NULL, hidden INT INVISIBLE DEFAULT 9,
      by_default INT DEFAULT (a + 1), document JSON GENERATED ALWAYS AS (JSON_OBJECT('a', a)) STORED)`,
    'INSERT INTO computed (id, a) VALUES (1, 5)',
    'INSERT INTO computed (id, a, hidden) VALUES (2, 7, 3)',
  ],
  after: ['INSERT INTO computed (id, a) VALUES (11, 50)', 'UPDATE computed SET a = 6 WHERE id = 1'],
  columns: [
    ...['id', 'a', 'stored_of', 'virtual_of', 'hidden', 'by_default'].map((text) => column(text, 'INT', 'number')),
    column('text_of', 'VARCHAR', 'text'),
    column('document', 'JSON', 'json'),
  ],
};

/** An index on an expression has a hidden column in the binlog. */
const EXPRESSION: OddTable = {
  table: 'by_expression',
  before: ['CREATE TABLE by_expression (id INT PRIMARY KEY, a INT, b INT, INDEX ((a + 1)))', 'INSERT INTO by_expression VALUES (1, 5, 6)'],
  after: [
    'ALTER TABLE by_expression ADD COLUMN c INT AFTER id',
    'INSERT INTO by_expression VALUES (2, 100, 200, 300)',
    'UPDATE by_expression SET b = 7 WHERE id = 1',
  ],
  columns: ['id', 'a', 'b', 'c'].map((text) => column(text, 'INT', 'number')),
};

/** Only inserts: a table without a key is append-only. */
const KEYLESS: OddTable = {
  table: 'keyless',
  before: ['CREATE TABLE keyless (a INT, b VARCHAR(20))', `INSERT INTO keyless VALUES (1, 'x'), (1, 'x'), (2, NULL), (NULL, NULL)`],
  after: [`INSERT INTO keyless VALUES (1, 'x'), (3, NULL)`],
  columns: [column('a', 'INT', 'number'), column('b', 'VARCHAR', 'text')],
};

/** MySQL 9 may add a key by itself; it is invisible, but it is there. */
const UNIQUE_ONLY: OddTable = {
  table: 'unique_only',
  before: ['CREATE TABLE unique_only (a INT NOT NULL UNIQUE, b VARCHAR(20))', `INSERT INTO unique_only VALUES (1, 'x'), (2, 'y')`],
  after: [`UPDATE unique_only SET b = 'z' WHERE a = 1`, 'DELETE FROM unique_only WHERE a = 2'],
  columns: [column('a', 'INT', 'number'), column('b', 'VARCHAR', 'text')],
};

export const ODD_TABLES: readonly OddTable[] = [
  ...KEYS.flatMap((one, index) => [keyTable(one, index, false), keyTable(one, index, true)]),
  ...NAMES.map(namedTable),
  ODD_COLUMNS,
  THOUSAND,
  COMPUTED,
  EXPRESSION,
  KEYLESS,
  UNIQUE_ONLY,
];
