// The initial snapshot: rows loaded in bulk into an empty MySQL, then `ledgerflow up` on it; from the connector's first message to gold.

import mysql from 'mysql2/promise';
import { migrate } from '../../bank/schema/migrate.ts';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import type { BenchOptions } from '../support/options.ts';
import { startRealStack, type RealStack } from '../support/real-stack.ts';
import { round } from '../support/stats.ts';

const ROWS = 300_000;
const ROWS_QUICK = 60_000;
const DATABASE = 'bank';
/** customers, accounts and merchants take a third of the rows each: no trigger posts anything, so the load is quick. */
const TABLES = 3;

export interface SnapshotResult {
  readonly rows: number;
  readonly rowsPerSecond: number;
  /** First message of the connector in Kafka to the last commit of the bootstrap phase, and to gold. */
  readonly silverSeconds: number;
  readonly goldSeconds: number;
  readonly processorRssMaxMb: number | null;
}

export async function snapshot(options: BenchOptions): Promise<SnapshotResult> {
  await using server = await startMysql();
  await load(server, Math.round((options.quick ? ROWS_QUICK : ROWS) / TABLES));
  options.tell('rows loaded');
  const url = `mysql://${server.user}:${server.password}@${server.host}:${server.port}`;
  await using stack = await startRealStack({ LEDGERFLOW_MYSQL_URL: url, LEDGERFLOW_SEED_DEMO: 'false', ...options.settings });
  try {
    await stack.pipeline.caughtUp();
    return await measure(stack);
  } catch (error) {
    throw new Error(`the run failed; the processor's log ends with\n${stack.processorLog()}`, { cause: error });
  }
}

async function load(server: TestMysql, rowsPerTable: number): Promise<void> {
  const { host, port, user, password } = server;
  const admin = { host, port, user, password };
  await migrate({ ...admin, database: DATABASE, signal: new AbortController().signal });
  const connection = await mysql.createConnection({ ...admin, database: DATABASE });
  await connection.query(`SET SESSION cte_max_recursion_depth = ${rowsPerTable + 1}`);
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rowsPerTable}) SELECT`;
  await connection.query(
    `INSERT INTO customers (first_name, last_name, email, city, country) ${numbers} CONCAT('First', i), CONCAT('Last', i), CONCAT('customer', i, '@example.com'), 'Springfield', 'US' FROM n`,
  );
  await connection.query(
    `INSERT INTO merchants (name, mcc, category, city, country) ${numbers} CONCAT('Merchant ', i), '5411', 'groceries', 'Springfield', 'US' FROM n`,
  );
  await connection.query(`INSERT INTO accounts (customer_id) SELECT customer_id FROM customers`);
  await connection.end();
}

async function measure(stack: RealStack): Promise<SnapshotResult> {
  const client = await stack.pipeline.sql();
  const { rows } = await client.query<Record<'rows' | 'silver' | 'gold', string>>(`
SELECT s.n AS rows, epoch(s.done) - epoch(f.first) AS silver, epoch(g.at) - epoch(f.first) AS gold
FROM (SELECT count(*) AS n, max(c.committed_at) AS done FROM bronze.changes b JOIN ops.commits c ON c.commit_id = b.commit_id WHERE b.op = 'r') s,
  (SELECT min(kafka_ts) AS first FROM bronze.changes) f, (SELECT min(checked_at) AS at FROM ops.checks) g`);
  await client.end();
  const found = rows[0];
  if (found === undefined) throw new Error('no snapshot was found');
  const [count, silverSeconds, goldSeconds] = [Number(found.rows), Number(found.silver), Number(found.gold)];
  return {
    ...{
      rows: count,
      rowsPerSecond: round(count / silverSeconds),
      silverSeconds: round(silverSeconds, 1),
      goldSeconds: round(goldSeconds, 1),
    },
    processorRssMaxMb: await stack.processorRssMaxMb(),
  };
}
