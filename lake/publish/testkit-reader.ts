// Tests only: a reader in a process of its own. Attaches the readers' catalog again and again for some seconds and checks
// that every attach shows whole commits: the accounts' balances sum to zero and bronze ends where the publication says.

import { DuckDBInstance } from '@duckdb/node-api';
import { literal } from '../../infra/runtime/sql-text.ts';
import { firstRow } from './sql.ts';
import { testExtension } from './testkit-publisher.ts';

const [catalog = '', seconds = '1'] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' });
const connection = await instance.connect();
await connection.run(`LOAD ${literal(await testExtension())}`);
const until = performance.now() + Number(seconds) * 1_000;
let reads = 0;
let torn = 0;
let rows = 0;
do {
  await connection.run(`ATTACH ${literal(`ducklake:${catalog}`)} AS lake (READ_ONLY)`);
  const row = await firstRow(
    connection,
    `SELECT (SELECT count(*) FROM lake.silver.accounts), (SELECT coalesce(sum(balance), 0) FROM lake.silver.accounts),
      (SELECT max(commit_id) FROM lake.bronze.changes), (SELECT max(commit_id) FROM lake.ops.publications), (SELECT count(*) - count(DISTINCT kafka_offset) FROM lake.bronze.changes)`,
  );
  rows = Number(row?.[0]);
  if (Number(seconds) > 1 && String(row?.[1]) !== '0.0000') torn += 1;
  if (row?.[2] !== row?.[3] || row?.[4] !== 0n) torn += 1;
  reads += 1;
  await connection.run('DETACH lake');
} while (Number(seconds) > 1 && performance.now() < until);
process.stdout.write(JSON.stringify({ reads, torn, rows }));
