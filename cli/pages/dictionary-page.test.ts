// docs/data-dictionary.md is what the models say; lineage ends at columns the bank really has.

import { readdirSync, readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import { LineageGraph } from '../../lake/gold/lineage-graph.ts';
import { loadModels } from '../../lake/gold/model.ts';
import { dictionaryPage } from './dictionary-page.ts';
import { WRITTEN, writtenTables } from './written-tables.ts';

const words = (page: string): string => page.replace(/\s+/g, ' ').replace(/-{3,}/g, '---').replaceAll('\\', '').trim();

async function graph(): Promise<LineageGraph> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const read = await LineageGraph.read(connection, loadModels());
  connection.closeSync();
  instance.closeSync();
  return read;
}

it('docs/data-dictionary.md is what `npm run docs` writes', async () => {
  const page = readFileSync(new URL('../../docs/data-dictionary.md', import.meta.url), 'utf8');
  expect(words(page)).toBe(words(await dictionaryPage()));
});

it('every table of gold that no model makes is described', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  expect((await writtenTables(connection)).map(({ name }) => name).sort()).toEqual(Object.keys(WRITTEN).sort());
  connection.closeSync();
  instance.closeSync();
});

it('every column of gold but those of constants has an origin, and every origin is a column', async () => {
  const lineage = await graph();
  for (const model of loadModels().filter(({ name }) => name !== 'mcc_categories')) {
    for (const { name } of model.columns) {
      const column = `gold.${model.name}.${name}`;
      expect(lineage.captured(column), column).not.toEqual([]);
      for (const origin of lineage.from(column)) expect(lineage.has(origin), `${column} from ${origin}`).toBe(true);
    }
  }
});

it('every captured column at its end is in the schema of the bank', async () => {
  const lineage = await graph();
  const folder = new URL('../../bank/schema/', import.meta.url);
  const schema = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n');
  const captured = new Set(
    loadModels().flatMap(({ name, columns }) => columns.flatMap((column) => lineage.captured(`gold.${name}.${column.name}`))),
  );
  for (const column of captured) {
    const [, table = '', name = ''] = column.split('.');
    const create = schema.split(`CREATE TABLE IF NOT EXISTS ${table} (`)[1]?.split('\n) ENGINE')[0] ?? '';
    expect(create, column).toContain(name === '*' ? 'PRIMARY KEY' : `\n  ${name} `);
  }
});

it('follows values through CTEs, windows, joins and unions, both ways', async () => {
  const lineage = await graph();
  // a running total comes from what it adds up, and from what it is partitioned and ordered by
  expect(lineage.from('gold.daily_account_balances.closing')).toEqual(
    ['account_id', 'amount', 'currency', 'day', 'posting_type'].map((column) => `gold.fct_ledger_entries.${column}`),
  );
  expect(lineage.captured('gold.monthly_revenue.gross')).toEqual(
    expect.arrayContaining(['silver.ledger_entries.amount', 'silver.accounts.account_type']),
  );
  expect(lineage.captured('gold.holdings.last_price')).toEqual(['silver.market_prices.price', 'silver.market_prices.tick']);
  expect(lineage.from('gold.transaction_days.transactions')).toEqual(['gold.fct_transactions.*']);
  expect(lineage.downstream('silver.merchants.category')).toEqual(
    expect.arrayContaining(['gold.dim_merchants.category', 'gold.spend_by_category.category']),
  );
  // the code only looks the category up: values are followed, join conditions are not
  expect(lineage.downstream('silver.merchants.mcc')).not.toContain('gold.dim_merchants.category');
  expect(lineage.downstream('silver.trades.quantity')).not.toContain('gold.daily_account_balances.closing');
});
