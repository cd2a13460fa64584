import { describe, expect, it } from 'vitest';
import { realMessages, realValue } from '../envelope/testdata/load.ts';
import { columnType, unsupportedColumns, unsupportedTable } from './column-type.ts';
import { removesRowsSilently, renamedFrom } from './ddl-text.ts';
import { testColumn, testTable } from './duckdb-testkit.ts';
import { diffSchemas, parseSchemaChange, tableOfId } from './schema-change.ts';

describe('parseSchemaChange', () => {
  it('reads an ALTER with its GTID and columns', () => {
    const change = parseSchemaChange(realValue('schema-change-streaming-alter'));
    expect(change).toMatchObject({
      gtid: 'aea4420a-e577-11f1-8604-02fc00000001:34',
      snapshot: false,
      database: 'bank',
      removesRows: false,
    });
    const [alter] = change.changes;
    expect(alter).toMatchObject({ type: 'ALTER', table: 'customers', schema: { keyColumns: ['id'] } });
    expect(alter?.schema?.columns.map(({ name }) => name)).toContain('kyc_level');
    expect(alter?.schema?.columns[0]).toMatchObject({ name: 'id', typeName: 'BIGINT', nullable: false, generated: false });
  });

  it('reads statements without tables and those of the snapshot', () => {
    expect(parseSchemaChange(realValue('schema-change-snapshot'))).toMatchObject({ gtid: null, snapshot: true, changes: [] });
    expect(parseSchemaChange(realValue('schema-change-drop')).changes).toEqual([{ type: 'DROP', table: 'swap_old', schema: null }]);
  });

  it('finds the old name of a renamed table', () => {
    expect(parseSchemaChange(realValue('rename-two-tables')).changes).toMatchObject([
      { type: 'ALTER', table: 'swap_old', previousTable: 'd_like3' },
    ]);
  });

  it('unquotes ENUM members', () => {
    const members = (name: string, column: string) =>
      parseSchemaChange(realValue(name)).changes[0]?.schema?.columns.find((one) => one.name === column)?.enumValues;
    expect(members('schema-types1', 'en')).toEqual(['small', "me'dium", 'la,rge', 'ünï']);
    expect(members('schema-alias1', 'e')).toEqual(['a,b', "c'd", 'e\\f']);
  });

  it.each(['', '{}', 'null', '{"source":{}}', '{"source":{"snapshot":"false"},"tableChanges":[{"type":"?","id":"x"}]}'])(
    'refuses %j',
    (text) => {
      expect(() => parseSchemaChange(Buffer.from(text))).toThrow(/schema-change event cannot be read/);
    },
  );

  it('names tables with dots and quotes', () => {
    expect(tableOfId('"bank"."dot.ted"', 'bank')).toBe('dot.ted');
    expect(tableOfId('"bank".sel.ect "q"', 'bank')).toBe('sel.ect "q"');
    expect(() => tableOfId('"other"."t"', 'bank')).toThrow();
  });
});

describe('every column that MySQL made in the lab', () => {
  const named = ['schema-types1', 'schema-alias1'].flatMap((name) => parseSchemaChange(realValue(name)).changes[0]?.schema?.columns ?? []);
  const binaryText = named.filter(({ charset, typeName }) => charset === 'binary' && /CHAR|TEXT/.test(typeName)).map(({ name }) => name);

  it('has a converter, except REAL and text declared CHARACTER SET binary', () => {
    expect(named.length).toBeGreaterThan(120);
    const refused = named.filter((column) => {
      try {
        columnType(column);
        return false;
      } catch {
        return true;
      }
    });
    expect(refused.map(({ name }) => name)).toEqual(['re', ...binaryText]);
  });
});

describe('what cannot be carried', () => {
  it('is named with table, column and reason', () => {
    const schema = testTable([testColumn('HYPERLOGLOG'), testColumn('INT', { name: 'fine' })]);
    const [refused, ...rest] = unsupportedColumns(schema);
    expect(rest).toEqual([]);
    expect(refused?.code).toBe('LF_COLUMN_UNSUPPORTED');
    expect(refused?.toLine()).toMatch(/column x \(HYPERLOGLOG\).*bank\.t/);
  });

  it('includes types that are no identity, in the key only', () => {
    const keys = [testColumn('FLOAT'), testColumn('BIT', { length: 12 }), testColumn('JSON')];
    for (const column of keys) {
      expect(unsupportedColumns({ ...testTable([column]), keyColumns: ['x'] })).toHaveLength(1);
      expect(unsupportedColumns(testTable([column]))).toEqual([]);
    }
    expect(unsupportedColumns({ ...testTable([testColumn('BIT', { length: 8 })]), keyColumns: ['x'] })).toEqual([]);
  });

  it('includes tables with a double quote in their name', () => {
    expect(unsupportedTable({ ...testTable([]), table: 'a"b' })).toMatch(/double quote/);
    expect(unsupportedTable(testTable([]))).toBeNull();
  });
});

describe('diffSchemas', () => {
  it('tells added, dropped and changed columns and a new key', () => {
    const before = testTable([testColumn('INT', { name: 'a' }), testColumn('INT', { name: 'b' }), testColumn('INT', { name: 'c' })]);
    const moved = testColumn('INT', { name: 'c', position: 9 });
    const after = { ...testTable([testColumn('BIGINT', { name: 'a' }), moved, testColumn('INT', { name: 'd' })]), keyColumns: ['id', 'a'] };
    const diff = diffSchemas(before, after);
    expect(diff.added.map(({ name }) => name)).toEqual(['d']);
    expect(diff.dropped.map(({ name }) => name)).toEqual(['b']);
    expect(diff.changed.map(({ after: { name } }) => name)).toEqual(['a']);
    expect(diff.keyChanged).toBe(true);
    expect(diffSchemas(before, before)).toEqual({ added: [], dropped: [], changed: [], keyChanged: false });
  });
});

describe('DDL text', () => {
  it.each([
    ['RENAME TABLE d_like TO d_like2', 'd_like'],
    ['rename table `bank`.`we``ird t` to x', 'we`ird t'],
    ['RENAME TABLE other.t TO bank.t', null],
    ['ALTER TABLE d_like2 RENAME TO d_like3', 'd_like2'],
    ['ALTER TABLE `a` ADD COLUMN z INT, RENAME AS b', 'a'],
    ['ALTER TABLE a RENAME b', 'a'],
    ['ALTER TABLE a RENAME COLUMN k TO kk', null],
    ['ALTER TABLE a RENAME INDEX i TO j', null],
    ['ALTER TABLE a ADD COLUMN x INT', null],
  ])('%s renames from %s', (ddl, old) => {
    expect(renamedFrom(ddl, 'bank')).toBe(old);
  });

  it('knows the statements that remove rows without events', () => {
    expect(removesRowsSilently('ALTER TABLE part TRUNCATE PARTITION p0')).toBe(true);
    expect(removesRowsSilently('alter table part drop  partition p0')).toBe(true);
    expect(removesRowsSilently('ALTER TABLE part ADD PARTITION (PARTITION p1 VALUES LESS THAN (5))')).toBe(false);
    expect(removesRowsSilently("ALTER TABLE part COMMENT 'do not DROP PARTITION'")).toBe(false);
  });
});

it('has a message of every kind to test with', () => {
  expect(Object.keys(realMessages()).length).toBeGreaterThan(35);
});
