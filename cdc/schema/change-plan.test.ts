// What silver does about a change, on records of the real connector (testdata/changes.jsonl) and on pairs of columns.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { planChange, planNewTable, type ChangePlan } from './change-plan.ts';
import { judgeColumn } from './column-change.ts';
import { SHAPE_FORMS } from './ddl-forms.ts';
import { parseDdl } from './ddl-statement.ts';
import { addedValue } from './default-value.ts';
import { testColumn, testTable } from './duckdb-testkit.ts';
import { parseSchemaChange, type SchemaChange } from './schema-change.ts';
import type { ColumnSchema, TableSchema } from './table-schema.ts';

const recorded = new Map(
  readFileSync(new URL('testdata/changes.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { name: string; value: unknown })
    .map(({ name, value }) => [name, parseSchemaChange(Buffer.from(JSON.stringify(value)))] as const),
);

function change(name: string): SchemaChange {
  const found = recorded.get(name);
  if (found === undefined) throw new Error(`no record ${name}`);
  return found;
}

function shape(name: string): TableSchema {
  const schema = change(name).changes[0]?.schema;
  if (schema === undefined || schema === null) throw new Error(`${name} has no shape`);
  return schema;
}

/** The plan of a recorded statement, on the shape that another one left. */
function plan(before: string, after: string): ChangePlan {
  return planChange(shape(before), shape(after), change(after).statement);
}

describe('recorded statements', () => {
  it('give old rows the value of the text, not the one Debezium tells', () => {
    expect(plan('create', 'add-quoted-default')).toMatchObject({ doubts: [], forms: ['add-constant'] });
    expect(plan('create', 'add-quoted-default').reshape.values.get('s1')).toBe(`'a''b'`); // Debezium says a''b
    const many = plan('add-quoted-default', 'add-many-defaults');
    expect(Object.fromEntries(many.reshape.values)).toEqual({
      d0: `'2020-02-02 02:02:02'::TIMESTAMP`,
      y: '2001::SMALLINT',
      bo: `'1'::TINYINT`,
      fl: `'1.1'::FLOAT`,
      da: `'2020-02-02'::DATE`,
      e2: `'p'`,
      st: `'m,n'`,
      ng: `'-7'::INTEGER`,
      em: `''`,
    });
    expect(many.doubts.map(({ what }) => what)).toEqual(['bi', 'bb', 'tm', 'hx', 'dbl', 'ie']); // j and nn start as NULL
  });

  it.each([
    ['add-many-defaults', 'add-generated', ['add-computed', 'add-computed'], ['g1', 'g2']],
    ['add-generated', 'rename-and-change-columns', ['widen', 'rename-column'], []],
    ['rename-and-change-columns', 'modify-and-drop', ['not-null', 'drop'], ['b']],
    ['modify-and-drop', 'other-key', ['rekey'], []],
    ['convert-charset', 'order-by', [], []],
    ['create-partitioned', 'truncate-partition', ['silent-partition'], ['TRUNCATE / DROP PARTITION']],
  ])('%s → %s', (before, after, forms, doubts) => {
    expect(plan(before, after)).toMatchObject({ forms, refused: null });
    expect(plan(before, after).doubts.map(({ what }) => what)).toEqual(doubts);
  });

  it('look at text beyond ASCII when the character set becomes smaller', () => {
    const doubts = plan('other-key', 'convert-charset').doubts;
    expect(new Set(doubts.map(({ form }) => form))).toEqual(new Set(['charset']));
    expect(doubts.find(({ what }) => what === 'aa')?.rows).toContain('regexp_matches');
    expect(plan('convert-charset', 'other-key').doubts).toEqual([]);
  });

  it('refuse what leaves no key, or brings rows in', () => {
    const keyed = { ...shape('drop-key'), keyColumns: ['a'] };
    expect(planChange(keyed, shape('drop-key'), change('drop-key').statement).refused).toMatchObject({ form: 'key-lost' });
    expect(plan('create-partitioned', 'exchange-partition').refused).toMatchObject({ form: 'exchange-partition' });
    expect(plan('drop-key', 'add-auto-increment-key').doubts.map(({ form }) => form)).toEqual(['add-computed', 'key-made']);
  });

  it('name tables by their text: swaps, moves, renames with other clauses', () => {
    expect(change('swap').changes).toEqual([{ type: 'ALTER', table: 'd_tmp', previousTable: 'd1', schema: null }]);
    expect(change('swap-2').changes).toMatchObject([{ table: 'd1', previousTable: 'd2', schema: { table: 'd1' } }]);
    expect(change('moved-in').changes).toMatchObject([{ type: 'CREATE', table: 'm1', movedIn: true }]);
    expect(change('rename-and-add').changes).toMatchObject([{ table: 'k1', previousTable: 'k0' }]);
    expect(change('drop-two').changes).toMatchObject([{ type: 'DROP', table: 'k2' }]);
    expect(change('create-like').changes).toMatchObject([{ type: 'CREATE', table: 'd2' }]);
    expect(plan('create-like', 'executable-comment').reshape.values.get('ver')).toBe(`'1'::INTEGER`);
  });
});

const INT = { length: null, scale: null };
const text = (length: number, more: Partial<ColumnSchema> = {}): ColumnSchema =>
  testColumn('VARCHAR', { length, charset: 'utf8mb4', ...more });

describe('a column that changes', () => {
  const none: string[] = [];
  it.each<[string, ColumnSchema, ColumnSchema, string[], string[]]>([
    ['wider integer', testColumn('INT'), testColumn('BIGINT'), ['widen'], none],
    ['unsigned into wider signed', testColumn('INT UNSIGNED'), testColumn('BIGINT'), ['widen'], none],
    ['signed into unsigned', testColumn('INT'), testColumn('BIGINT UNSIGNED'), ['narrow'], ['"x"::HUGEINT < 0']],
    ['MEDIUMINT', testColumn('INT'), testColumn('MEDIUMINT'), ['narrow'], ['8388607']],
    ['more digits', testColumn('DECIMAL', { length: 8, scale: 2 }), testColumn('DECIMAL', { length: 12, scale: 4 }), ['widen'], none],
    [
      'more fraction, fewer whole digits',
      testColumn('DECIMAL', { length: 8, scale: 2 }),
      testColumn('DECIMAL', { length: 8, scale: 4 }),
      ['narrow'],
      ['DECIMAL(8,4)'],
    ],
    ['longer text', text(10), text(400), ['widen'], none],
    ['text into TEXT', text(400), testColumn('TEXT', { charset: 'utf8mb4' }), ['widen'], none],
    ['shorter text', text(400), text(10), ['narrow'], ['length("x") > 10']],
    ['text into CHAR', text(10), testColumn('CHAR', { length: 10, charset: 'utf8mb4' }), ['retype'], [`LIKE '% '`]],
    ['more members', testColumn('ENUM', { enumValues: ['a'] }), testColumn('ENUM', { enumValues: ['b', 'a'] }), ['widen'], none],
    [
      'fewer members',
      testColumn('ENUM', { enumValues: ['a', 'b'] }),
      testColumn('ENUM', { enumValues: ['b'] }),
      ['narrow'],
      [`NOT IN ('b')`],
    ],
    ['less fraction', testColumn('DATETIME', { length: 6 }), testColumn('DATETIME', { length: 3 }), ['narrow'], ['% 1000 <> 0']],
    ['another kind', testColumn('INT'), text(10), ['retype'], ['true']],
    ['time zone', testColumn('TIMESTAMP'), testColumn('DATETIME'), ['retype'], ['true']],
    ['BINARY', testColumn('BINARY', { length: 2 }), testColumn('BINARY', { length: 4 }), ['retype'], ['true']],
    ['VARBINARY', testColumn('VARBINARY', { length: 2 }), testColumn('BLOB'), ['widen'], none],
    ['NOT NULL', testColumn('INT'), testColumn('INT', { nullable: false, ...INT }), ['not-null'], ['"x" IS NULL']],
    ['NULL', testColumn('INT', { nullable: false }), testColumn('INT'), ['widen'], none],
    ['to Unicode', text(5, { charset: 'gbk' }), text(5), ['same'], none],
    ['from Unicode', text(5), text(5, { charset: 'gbk' }), ['charset'], ['regexp_matches']],
    ['position', testColumn('INT'), testColumn('INT', { position: 9, defaultValue: '4' }), ['same'], none],
  ])('%s', (...[, before, after, forms, conditions]) => {
    const verdict = judgeColumn(before, after);
    expect(verdict.forms).toEqual(forms);
    expect(verdict.doubts).toHaveLength(conditions.length);
    conditions.forEach((condition, index) => expect(verdict.doubts[index]?.rows).toContain(condition));
  });
});

describe('the value of an added column', () => {
  const clause = (definition: string): Parameters<typeof addedValue>[1] => {
    const statement = parseDdl(`ALTER TABLE t ADD COLUMN x ${definition}`);
    return statement.kind === 'alter' ? (statement.clauses[0]?.columns[0]?.definition ?? []) : [];
  };
  it.each<[string, ColumnSchema, string | null | undefined]>([
    ['INT', testColumn('INT'), null],
    ['INT NOT NULL', testColumn('INT', { nullable: false }), '0::INTEGER'],
    ['DATE NOT NULL', testColumn('DATE', { nullable: false }), undefined],
    ['INT DEFAULT 1.5', testColumn('INT'), undefined],
    ['INT DEFAULT (1+2)', testColumn('INT'), undefined],
    ['INT AS (id * 2) STORED', testColumn('INT'), undefined],
    ["VARCHAR(9) DEFAULT 'o''b\\\\c'", text(9), `'o''b\\c'`],
    ["CHAR(9) DEFAULT 'a '", testColumn('CHAR', { length: 9 }), undefined],
    ["VARCHAR(9) DEFAULT _latin1'a'", text(9), undefined],
    ['DECIMAL(8,2) DEFAULT -1.50', testColumn('DECIMAL', { length: 8, scale: 2 }), `'-1.50'::DECIMAL(8,2)`],
    ['DECIMAL(8,2) DEFAULT 1.505', testColumn('DECIMAL', { length: 8, scale: 2 }), undefined],
    ["TIMESTAMP DEFAULT '2020-01-01 00:00:00'", testColumn('TIMESTAMP'), undefined],
    ['DATETIME DEFAULT CURRENT_TIMESTAMP', testColumn('DATETIME'), undefined],
    ["ENUM('a','b') DEFAULT 'A'", testColumn('ENUM', { enumValues: ['a', 'b'] }), undefined],
  ])('%s', (definition, column, value) => {
    expect(addedValue(column, clause(definition))).toBe(value);
  });
});

it('holds a new table whose columns cannot be carried', () => {
  expect(planNewTable(testTable([testColumn('HYPERLOGLOG')])).refused).toMatchObject({ form: 'unsupported' });
  expect(planNewTable(testTable([testColumn('INT')])).refused).toBeNull();
});

it('follows a column that takes the name of a renamed one', () => {
  const before = testTable([testColumn('INT', { name: 'a' })]);
  const after = testTable([testColumn('INT', { name: 'b' }), testColumn('INT', { name: 'a' })]);
  const found = planChange(before, after, parseDdl('ALTER TABLE t CHANGE a b INT, ADD a INT DEFAULT 5'));
  expect([...found.reshape.renamed]).toEqual([['b', 'a']]);
  expect([...found.reshape.values]).toEqual([['a', `'5'::INTEGER`]]);
  expect(found.forms).toEqual(['add-constant', 'rename-column']);
  for (const form of found.forms) expect(Object.keys(SHAPE_FORMS)).toContain(form);
});
