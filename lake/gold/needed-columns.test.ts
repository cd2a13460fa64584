import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import { loadModels } from './model.ts';
import { neededColumns } from './needed-columns.ts';

it('tells what gold computes with from what it shows', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const needed = await neededColumns(connection, loadModels());
  connection.closeSync();
  instance.closeSync();
  expect(
    [
      ['customers', 'email'],
      ['customers', 'first_name'],
      ['customers', 'nothing'],
      ['customers', 'customer_id'],
      ['accounts', 'currency'],
      ['accounts', 'label'],
      ['transactions', 'amount'],
      ['transactions', 'status'],
      ['ledger_entries', 'posting_type'],
      ['merchants', 'category'],
    ].map(([table = '', column = '']) => [column, needed(table, column)]),
  ).toEqual([
    ['email', null],
    ['first_name', null],
    ['nothing', null],
    ['customer_id', expect.anything()],
    ['currency', expect.anything()],
    ['label', null],
    ['amount', 'read'],
    ['status', 'read'],
    ['posting_type', 'read'],
    ['category', expect.anything()],
  ]);
});
