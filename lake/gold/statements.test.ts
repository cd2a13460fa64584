import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { Statements } from './statements.ts';

const COUNT = 'SELECT count(*) FROM t WHERE x > 100';

test('a kept statement sees what was written after it was prepared', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run('CREATE TABLE t AS SELECT i::BIGINT AS x FROM range(10) r(i)');
  const statements = await Statements.open(connection);
  const count = async (): Promise<unknown> => (await statements.read(COUNT)).getRows()[0]?.[0];
  for (let time = 0; time < 3; time += 1) expect(await count()).toBe(0n);
  await statements.run('INSERT INTO t VALUES (200)');
  expect(await count()).toBe(1n);
});

test('why: with the statistics steps on, the plan of a prepared statement answers from what the table was', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run('CREATE TABLE t AS SELECT i::BIGINT AS x FROM range(10) r(i)');
  const prepared = await connection.prepare(COUNT);
  await connection.run('INSERT INTO t VALUES (200)');
  expect((await prepared.runAndReadAll()).getRows()[0]?.[0]).toBe(0n); // when this fails, DuckDB has mended it: statements.ts can be simpler
});

test('somebody who turns the steps on again stops the keeping, not the answers', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run('CREATE TABLE t AS SELECT i::BIGINT AS x FROM range(10) r(i)');
  const statements = await Statements.open(connection);
  await (await instance.connect()).run('RESET disabled_optimizers');
  await statements.verify();
  for (let time = 0; time < 3; time += 1) await statements.read(COUNT);
  await connection.run('INSERT INTO t VALUES (200)');
  expect((await statements.read(COUNT)).getRows()[0]?.[0]).toBe(1n);
});
