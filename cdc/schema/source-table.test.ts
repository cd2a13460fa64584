import { describe, expect, it } from 'vitest';
import { catalogColumn, judgeTables, lostDates, type SourceTable } from './source-table.ts';

const rest = { nullable: true, position: 1, charset: null, generated: false };

function table(name: string, columns: Readonly<Record<string, string>> = { id: 'int' }, more: Partial<SourceTable> = {}): SourceTable {
  return {
    schema: {
      database: 'bank',
      table: name,
      columns: Object.entries(columns).map(([column, type]) => catalogColumn(type, { name: column, ...rest })),
      keyColumns: ['id'],
    },
    columnTypes: Object.values(columns),
    ...more,
  };
}

describe('a column of the catalog', () => {
  it.each([
    ['int(10) unsigned zerofill', 'INT UNSIGNED ZEROFILL', 10, null],
    ['bigint unsigned', 'BIGINT UNSIGNED', null, null],
    ['decimal(65,30)', 'DECIMAL', 65, 30],
    ['double(20,5) unsigned', 'DOUBLE UNSIGNED', 20, 5],
    ["enum('a(1)','b unsigned')", 'ENUM', null, null],
    ['geomcollection', 'GEOMCOLLECTION', null, null],
    ['vector(3)', 'VECTOR', 3, null],
    ['timestamp(6)', 'TIMESTAMP', 6, null],
  ])('%s is %s', (columnType, typeName, length, scale) => {
    expect(catalogColumn(columnType, { name: 'x', ...rest })).toMatchObject({ typeName, length, scale });
  });
});

describe('the tables of a database', () => {
  it('may be captured when nothing stands against it', () => {
    expect(judgeTables([table('a'), table('sp ace', { id: 'int', f: 'float', g: 'geometry' })])).toEqual({
      refused: [],
      held: [],
      appendOnly: [],
    });
  });

  it.each([
    [[table('a.b'), table('a_b')], 'a.b, a_b', /topic/],
    [[table('a"b')], 'a"b', /double quote/],
    [[table('com,ma', { id: 'int', f: 'float' })], 'com,ma', /comma/],
  ])('are refused by name when the connector would stop or mix them up (%#)', (tables, name, reason) => {
    const { refused } = judgeTables(tables);
    expect(refused).toEqual([{ table: name, reason: expect.stringMatching(reason) as string }]);
  });

  it.each([
    [[table('t'), table('T')], 'T', /case/],
    [[table('t'), table('t_history')], 't_history', /history/],
    [[table('t', { id: 'int', _pos: 'int' })], 't', /_pos/],
    [[table('t@5')], 't@5', /dropped/],
    [[table('t', { id: 'bit(16)' })], 't', /id \(BIT\)/],
    [[table('t', { id: 'int', x: 'hologram' })], 't', /x \(HOLOGRAM\)/],
  ])('are held by name when their rows cannot be carried (%#)', (tables, name, reason) => {
    const { refused, held } = judgeTables(tables);
    expect(refused).toEqual([]);
    expect(held).toEqual([{ table: name, reason: expect.stringMatching(reason) as string }]);
  });

  it('without a primary key are named', () => {
    const keyless = table('log');
    expect(judgeTables([{ ...keyless, schema: { ...keyless.schema, keyColumns: [] } }]).appendOnly).toEqual(['log']);
  });
});

describe('dates that would be lost', () => {
  it('are looked for in every date column, with the days that the calendar left out where the snapshot moves them', () => {
    expect(lostDates(table('t', { id: 'int', 'da`y': 'date', at: 'datetime(6)', note: 'varchar(10)' }))).toBe(
      "YEAR(`da``y`) = 0 OR MONTH(`da``y`) = 0 OR DAYOFMONTH(`da``y`) = 0 OR YEAR(`at`) = 0 OR MONTH(`at`) = 0 OR DAYOFMONTH(`at`) = 0 OR `at` >= '1582-10-05' AND `at` < '1582-10-15'",
    );
    expect(lostDates(table('t'))).toBeNull();
  });
});
