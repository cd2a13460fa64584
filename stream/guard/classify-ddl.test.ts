// Classes of statements, with the models of gold of this product; and the ghost tables of the online tools.

import { describe, expect, it } from 'vitest';
import type { SchemaChange, TableChange } from '../../cdc/schema/schema-change.ts';
import type { ColumnSchema, TableSchema } from '../../cdc/schema/table-schema.ts';
import { parseDdl } from '../../cdc/schema/ddl-statement.ts';
import { ACCOUNTS } from '../../lake/store/testkit.ts';
import { classifyDdl, type Classified } from './classify-ddl.ts';
import { Readers } from './readers.ts';

const readers = Readers.load();
const modelsOver = (table: string, column: string | null): string[] => readers.modelsOver(table, column);
const [template] = ACCOUNTS.columns;
const column = (name: string, typeName: string, extra: Partial<ColumnSchema> = {}): ColumnSchema => ({
  ...template!,
  name,
  typeName,
  ...extra,
});
const table = (name: string, columns: readonly ColumnSchema[]): TableSchema => ({
  ...ACCOUNTS,
  table: name,
  columns,
  keyColumns: [columns[0]!.name],
});

/** Columns of customers that models read, and a table that none reads. */
const CUSTOMERS = table('customers', [column('customer_id', 'BIGINT'), column('full_name', 'VARCHAR'), column('nick', 'VARCHAR')]);
const NOTES = table('notes', [column('id', 'BIGINT'), column('text', 'VARCHAR'), column('size', 'INT')]);
const SHAPES = new Map([CUSTOMERS, NOTES].map((each) => [each.table, each]));

function classify(ddl: string, changes: readonly TableChange[]): Classified {
  const change: SchemaChange = {
    gtid: null,
    snapshot: false,
    file: '',
    pos: 0,
    tsUs: 0,
    database: 'bank',
    ddl,
    statement: parseDdl(ddl),
    changes,
  };
  return classifyDdl(change, SHAPES, modelsOver);
}
const alter = (ddl: string, before: TableSchema, columns: readonly ColumnSchema[]): Classified =>
  classify(ddl, [{ type: 'ALTER', table: before.table, schema: { ...before, columns } }]);
const without = (schema: TableSchema, name: string): ColumnSchema[] => schema.columns.filter((each) => each.name !== name);

describe('classes', () => {
  it('safe: what is added or widened', () => {
    expect(alter('ALTER TABLE customers ADD COLUMN x INT', CUSTOMERS, [...CUSTOMERS.columns, column('x', 'INT')]).class).toBe('safe');
    const wider = [...without(NOTES, 'size'), column('size', 'BIGINT')];
    expect(alter('ALTER TABLE notes MODIFY size BIGINT', NOTES, wider).class).toBe('safe');
  });

  it('safe: a shape that cannot be carried, because its table is held anyway', () => {
    const binary = [column('id', 'BIGINT'), column('text', 'VARCHAR', { charset: 'binary' })];
    expect(alter('ALTER TABLE notes DROP COLUMN size, MODIFY text VARCHAR(9) CHARACTER SET binary', NOTES, binary).class).toBe('safe');
  });

  it('lossy: columns and tables that nothing of gold reads', () => {
    expect(alter('ALTER TABLE notes DROP COLUMN size', NOTES, without(NOTES, 'size'))).toMatchObject({
      ...{ class: 'lossy', effects: ['drops column size of notes'], tables: ['notes'], models: [], whole: false },
    });
    expect(classify('DROP TABLE notes', [{ type: 'DROP', table: 'notes', schema: null }])).toMatchObject({ class: 'lossy', whole: true });
  });

  it('breaking: what models of gold read, with everything made of them and the dashboards', () => {
    const name = modelsOver('customers', 'full_name').length > 0 ? 'full_name' : 'customer_id';
    const dropped = alter(`ALTER TABLE customers DROP COLUMN ${name}`, CUSTOMERS, without(CUSTOMERS, name));
    expect(dropped.class).toBe('breaking');
    expect(dropped.models).toContain('dim_customers');
    expect(readers.dashboardsOver(dropped.models).length).toBeGreaterThan(0);
    const renamed = CUSTOMERS.columns.map((each) => (each.name === 'customer_id' ? { ...each, name: 'id' } : each));
    const change = { ...CUSTOMERS, columns: renamed, keyColumns: ['id'] };
    expect(
      classify('ALTER TABLE customers RENAME COLUMN customer_id TO id', [{ type: 'ALTER', table: 'customers', schema: change }]),
    ).toMatchObject({
      ...{ class: 'breaking', effects: ['renames column customer_id to id of customers'] },
    });
    const retyped = CUSTOMERS.columns.map((each) => (each.name === 'customer_id' ? { ...each, typeName: 'VARCHAR' } : each));
    expect(alter('ALTER TABLE customers MODIFY customer_id VARCHAR(20)', CUSTOMERS, retyped).class).toBe('breaking');
    expect(classify('DROP TABLE customers', [{ type: 'DROP', table: 'customers', schema: null }])).toMatchObject({
      class: 'breaking',
      whole: true,
    });
  });

  it('a rename of a table is breaking for models over either name, and safe for none', () => {
    const rename = (from: string, to: string): Classified =>
      classify(`RENAME TABLE ${from} TO ${to}`, [{ type: 'ALTER', table: to, previousTable: from, schema: null }]);
    expect([rename('customers', 'clients').class, rename('notes', 'remarks').class]).toEqual(['breaking', 'safe']);
  });
});

describe('online tools', () => {
  const swap = (ghost: string, old: string, columns: readonly ColumnSchema[]): Classified =>
    classify(`RENAME TABLE customers TO ${old}, ${ghost} TO customers`, [
      { type: 'ALTER', table: old, previousTable: 'customers', schema: null },
      { type: 'ALTER', table: 'customers', previousTable: ghost, schema: { ...CUSTOMERS, columns } },
    ]);

  it.each([
    ['_customers_gho', '_customers_del'],
    ['_customers_new', '_customers_old'],
  ])('a swap with %s is judged as the ALTER it stands for', (ghost, old) => {
    expect(swap(ghost, old, [...CUSTOMERS.columns, column('x', 'INT')]).class).toBe('safe');
    expect(swap(ghost, old, without(CUSTOMERS, 'customer_id'))).toMatchObject({ class: 'breaking', whole: false, tables: ['customers'] });
    expect(classify(`DROP TABLE ${old}`, [{ type: 'DROP', table: old, schema: null }]).class).toBe('safe');
  });
});
