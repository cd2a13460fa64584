import { describe, expect, it } from 'vitest';
import { realMessages, realValue } from '../envelope/testdata/load.ts';
import { columnType, unsupportedColumns, unsupportedTable } from './column-type.ts';
import { testColumn, testTable } from './duckdb-testkit.ts';
import { parseSchemaChange, tableOfId } from './schema-change.ts';

describe('parseSchemaChange', () => {
  it('reads an ALTER with its GTID and columns', () => {
    const change = parseSchemaChange(realValue('schema-change-streaming-alter'));
    expect(change).toMatchObject({
      gtid: 'aea4420a-e577-11f1-8604-02fc00000001:34',
      snapshot: false,
      database: 'bank',
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

it('has a message of every kind to test with', () => {
  expect(Object.keys(realMessages()).length).toBeGreaterThan(35);
});
