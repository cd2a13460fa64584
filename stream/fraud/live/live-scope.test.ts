import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import { HISTORY_DDL } from './history.ts';
import { chunksOf } from './live-scope.ts';

it.each([
  ['each of a customer of its own, are one chunk', 'n', 1],
  ['of one customer, are cut by the pairs they make', '7', 4],
])('6,000 movements, %s', async (_name, customer, chunks) => {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(`CREATE SCHEMA ops; ${HISTORY_DDL};
    INSERT INTO ops.fraud_history (transaction_id, event_ts, account_id, customer_id, moment)
      SELECT n, TIMESTAMP '2026-11-22' + to_seconds(n), n, ${customer}, n FROM range(6000) t(n);
    CREATE TEMP TABLE fraud_due AS SELECT transaction_id, event_ts, false AS again FROM ops.fraud_history`);
  const found = await chunksOf(connection);
  expect(found.map(({ rows }) => rows)).toEqual(Array.from({ length: chunks }, () => 6_000 / chunks));
  expect(found.every(({ after }, at) => at === 0 || after === found[at - 1]?.upTo)).toBe(true);
  connection.closeSync();
  instance.closeSync();
});
