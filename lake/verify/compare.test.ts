// What a comparison finds and names, over two relations of one DuckDB.

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { catalogColumn, type SourceTable } from '../../cdc/schema/source-table.ts';
import { compareTable, type Comparison } from './compare.ts';
import { hasWholeKey, planTable, type TablePlan } from './plan.ts';
import { sqlSide, type Side } from './side.ts';
import { textRows } from './text-rows.ts';

const instance = await DuckDBInstance.create(':memory:');
const connection: DuckDBConnection = await instance.connect();
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

function table(columns: Readonly<Record<string, string>>, keyColumns: readonly string[]): SourceTable {
  const described = Object.entries(columns).map(([name, type], index) =>
    catalogColumn(type, { name, nullable: true, position: index + 1, charset: null, generated: false }),
  );
  return { schema: { database: 'bank', table: 't', columns: described, keyColumns }, columnTypes: Object.values(columns) };
}

const side = (relation: string): Side =>
  sqlSide(
    (sql) => textRows(connection, sql),
    () => ({ dialect: 'duckdb', from: relation }),
  );
const compare = (plan: TablePlan): Promise<Comparison> => compareTable(plan, side('wanted'), side('got'));

const ACCOUNTS = table({ id: 'bigint', owner: 'varchar(80)', balance: 'decimal(20,4)', note: 'json' }, ['id']);
const PLAN = planTable(ACCOUNTS, { keys: { low: 1n, high: 5_000n }, rows: 5_000 });

describe('a comparison of a table with a whole number for a key', () => {
  beforeEach(async () => {
    await connection.run(`CREATE OR REPLACE TABLE wanted AS SELECT i AS id, 'owner ' || i AS owner, CAST(i / 4 AS DECIMAL(20,4)) AS balance,
      '{"a":' || i || '}' AS note FROM range(1, 5001) r(i); CREATE OR REPLACE TABLE got AS FROM wanted`);
  });

  it('is equal for equal rows, in any order', async () => {
    await connection.run('CREATE OR REPLACE TABLE got AS FROM wanted ORDER BY random()');
    expect(await compare(PLAN)).toMatchObject({ equal: true, rows: 5_000, differences: [], buckets: 0 });
  });

  it('names one changed cell', async () => {
    await connection.run('UPDATE got SET balance = balance + 0.0001 WHERE id = 77');
    const { equal, differences } = await compare(PLAN);
    expect(equal).toBe(false);
    expect(differences).toEqual([
      { key: '77', canonicalKey: '77', kind: 'changed', cells: [{ column: 'balance', source: '19.2500', lake: '19.2501' }] },
    ]);
  });

  it('names a NULL in place of an empty text', async () => {
    await connection.run(`UPDATE wanted SET owner = '' WHERE id = 9; UPDATE got SET owner = NULL WHERE id = 9`);
    expect((await compare(PLAN)).differences).toEqual([
      { key: '9', canonicalKey: '9', kind: 'changed', cells: [{ column: 'owner', source: '', lake: null }] },
    ]);
  });

  it('names one missing and one extra row, inside the range of keys and outside', async () => {
    await connection.run(`DELETE FROM got WHERE id = 4000; INSERT INTO got VALUES (9000, 'x', 1, NULL), (-7, 'y', 1, NULL)`);
    const { differences } = await compare(PLAN);
    expect(differences.map(({ key, kind }) => `${key} ${kind}`).sort()).toEqual(['-7 extra', '4000 missing', '9000 extra']);
  });

  it('names both rows of a swapped pair', async () => {
    await connection.run(`UPDATE got SET balance = CASE id WHEN 10 THEN 2.75 ELSE 2.5 END WHERE id IN (10, 11)`);
    const { differences } = await compare(PLAN);
    expect(differences.map(({ key }) => key).sort()).toEqual(['10', '11']);
  });

  it('names a row that is there twice', async () => {
    await connection.run('INSERT INTO got FROM wanted WHERE id = 5');
    expect((await compare(PLAN)).differences).toEqual([{ key: '5', canonicalKey: '5', kind: 'extra', cells: [] }]);
  });

  it('takes two spellings of one JSON document for the same, and two documents not', async () => {
    await connection.run(
      `UPDATE wanted SET note = '{"a": 1e2, "b": "x, y"}' WHERE id = 3; UPDATE got SET note = '{"a":100,"b":"x, y"}' WHERE id = 3`,
    );
    expect(await compare(PLAN)).toMatchObject({ equal: true, differences: [] });
    await connection.run(`UPDATE got SET note = '{"a":100,"b":"x,y"}' WHERE id = 3`);
    expect((await compare(PLAN)).differences.map(({ key }) => key)).toEqual(['3']);
  });

  it('names the first of many and says that there are more', async () => {
    await connection.run('UPDATE got SET owner = upper(owner)');
    const { equal, differences, more } = await compare(PLAN);
    expect([equal, differences.length, more]).toEqual([false, 50, true]);
  });
});

describe('a comparison of a table with another key', () => {
  const prices = table({ symbol: 'varchar(10)', day: 'date', price: 'double' }, ['symbol', 'day']);
  const plan = planTable(prices, { keys: null, rows: 3_000 });

  it('finds a difference by the key', async () => {
    expect(hasWholeKey(prices)).toBe(false);
    await connection.run(`CREATE OR REPLACE TABLE wanted AS SELECT 'S' || (i % 30) AS symbol, DATE '2026-01-01' + (i // 30)::INTEGER AS day, i * 0.1::DOUBLE AS price
      FROM range(3000) r(i); CREATE OR REPLACE TABLE got AS FROM wanted; UPDATE got SET price = 0.3 WHERE symbol = 'S3' AND day = '2026-01-01'`);
    const { differences, buckets } = await compare(plan);
    expect(buckets).toBe(1);
    expect(differences.map(({ key, cells }) => [key, cells.map(({ column }) => column)])).toEqual([['S3|2026-01-01', ['price']]]);
  });
});
