// Tests only: reads the published lake in a process of its own, as docs/reading-the-lake.md tells an analyst to.

import { DuckDBInstance } from '@duckdb/node-api';
import { cacheFolder } from '../../infra/native/obtain/cache.ts';
import { findDucklake } from '../../infra/native/obtain/ducklake.ts';
import { readPartsLock } from '../../infra/native/obtain/lock-file.ts';
import { literal } from '../../infra/runtime/sql-text.ts';

const [catalog = ''] = process.argv.slice(2);
const extension = findDucklake(cacheFolder(process.env['LEDGERFLOW_CACHE']), readPartsLock(), process.env['DUCKLAKE_EXTENSION_PATH']);
if (extension === undefined) throw new Error('the DuckLake extension is not in the cache');
const connection = await (await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' })).connect();
await connection.run(`LOAD ${literal(extension)}; ATTACH ${literal(`ducklake:${catalog}`)} AS lake (READ_ONLY)`);
const reader =
  await connection.runAndReadAll(`SELECT (SELECT count(*) FROM lake.silver.customers) AS customers, (SELECT count(*) FROM lake.gold.fct_transactions) AS gold,
  (SELECT count(*) FROM lake.bronze.changes) AS bronze,
  (SELECT count(*) FROM (SELECT transaction_id FROM lake.silver.ledger_entries GROUP BY transaction_id, currency
     HAVING sum(CASE posting_type WHEN 'CREDIT' THEN amount ELSE -amount END) <> 0)) AS unbalanced`);
const [row] = reader.getRowObjects();
process.stdout.write(JSON.stringify(row, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)));
