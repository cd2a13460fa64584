import { expect, it } from 'vitest';
import { testColumn } from '../schema/duckdb-testkit.ts';
import { parsePolicies } from './policy-file.ts';
import { shapeUnder } from './policy.ts';

it('a dropped column may be NULL in the lake, whatever MySQL says of it; so may that of a copy of the table', () => {
  const tables = { customers: { columns: { note: { action: 'drop' }, email: { action: 'hash' } } } };
  const policies = parsePolicies(JSON.stringify({ reviewed: { by: 'dpo@bank', on: '2026-11-22' }, tables }), 'privacy.json');
  const columns = ['email', 'note'].map((name) => testColumn('VARCHAR', { name, nullable: false }));
  const schema = (table: string) => ({ database: 'bank', table, columns, keyColumns: [] });
  const nullable = (table: string): string[] =>
    shapeUnder(policies, schema(table))
      .columns.filter((column) => column.nullable)
      .map(({ name }) => name);
  expect(nullable('customers')).toEqual(['note']);
  expect(nullable('_customers_new')).toEqual(['note']);
  expect(nullable('handles')).toEqual([]);
  expect(shapeUnder(null, schema('customers')).columns).toEqual(columns);
});
