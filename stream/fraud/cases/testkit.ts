// Alerts in a store of their own, for tests of what is built on the queue.

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { FRAUD_DDL } from '../tables.ts';
import { CaseDesk } from './desk.ts';

const ALERTS_FOR_TESTS = `
CREATE SCHEMA IF NOT EXISTS gold; CREATE SCHEMA IF NOT EXISTS ops;
${FRAUD_DDL}
CREATE SCHEMA IF NOT EXISTS silver; CREATE TABLE silver.transactions AS SELECT n AS transaction_id, 500 + n AS merchant_id FROM range(1, 9) t(n);
INSERT INTO gold.fraud_alerts BY NAME SELECT 'a' || n AS alert_id, CASE WHEN n <= 4 THEN 'velocity' ELSE 'structuring' END AS rule_id, 1 AS rule_version, CASE WHEN n = 8 THEN 'shadow' ELSE 'active' END AS mode,
  'high' AS severity, 40 AS score, 'review' AS decision, 'account' AS entity_type, 'c' || (n % 2) AS entity_id, '7' AS customer_id, '70' AS account_id, n::VARCHAR AS transaction_id,
  10 * n AS amount, 'USD' AS currency, TIMESTAMP '2026-11-01' + to_hours(n) AS event_ts, TIMESTAMP '2026-11-01' + to_hours(n) AS detected_at, n AS commit_id, 'u:' || n AS gtid,
  '10 purchases in 30 minutes' AS explanation, '{}' AS observed, true AS notified, n AS alert_seq FROM range(1, 9) t(n);`;

export interface CaseStand extends AsyncDisposable {
  readonly connection: DuckDBConnection;
  readonly desk: CaseDesk;
  rows(sql: string): Promise<unknown[][]>;
}

export async function caseStand(): Promise<CaseStand> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(`${ALERTS_FOR_TESTS} CREATE TABLE ops.state (epoch BIGINT); INSERT INTO ops.state VALUES (1);`);
  let ms = Date.parse('2026-11-02T00:00:00Z');
  const desk = await CaseDesk.open({ connection: await instance.connect(), epoch: 1, now: () => new Date((ms += 1_000)) });
  return {
    ...{ connection, desk },
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowsJson(),
    [Symbol.asyncDispose]: async () => {
      await desk[Symbol.asyncDispose]();
      connection.closeSync();
      instance.closeSync();
    },
  };
}
