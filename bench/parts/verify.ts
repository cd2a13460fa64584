// Verification: a table in a real MySQL against the working store with the same rows, while another table takes 1,000 transactions a second;
// how long it takes, and what the writers notice of it. Kafka and Debezium have no part in a comparison and are left out.

import { createConnection, type Connection } from 'mysql2/promise';
import { testColumn } from '../../cdc/schema/duckdb-testkit.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { openTestStore, type TestStore } from '../../lake/store/testkit.ts';
import { storeSide } from '../../lake/verify/commands.ts';
import { mysqlSource, type SourceLogin } from '../../lake/verify/mysql-source.ts';
import { VerifySessions } from '../../lake/verify/sessions.ts';
import { verify, type Verification } from '../../lake/verify/verify.ts';
import { startMysql } from '../../test/support/mysql-server.ts';
import type { BenchOptions } from '../support/options.ts';
import { percentiles, round } from '../support/stats.ts';

const CLIENTS = 16;
const PER_SECOND = 1_000;
const FILL_ROWS = 100_000;
/** The store says that it has every transaction of MySQL; the compared table does not change. */
const AHEAD = 1_000_000_000;
const DAY = '2026-11-20';

const SCHEMA: TableSchema = {
  database: 'bank',
  table: 'entries',
  columns: [
    testColumn('BIGINT', { name: 'entry_id', position: 1, nullable: false }),
    testColumn('BIGINT', { name: 'account_id', position: 2 }),
    testColumn('DECIMAL', { name: 'amount', position: 3, length: 20, scale: 4 }),
    testColumn('CHAR', { name: 'currency', position: 4, length: 3 }),
    testColumn('VARCHAR', { name: 'posting_type', position: 5, length: 6 }),
    testColumn('DATETIME', { name: 'created_at', position: 6, length: 6 }),
  ],
  keyColumns: ['entry_id'],
};

interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
}

/** @returns seconds and rows of the comparisons, and the writers' rates and milliseconds without and beside each */
export async function verifyBench({ quick, tell }: BenchOptions): Promise<object> {
  const rows = quick ? 200_000 : 1_000_000;
  await using server = await startMysql();
  const login: SourceLogin = { host: server.host, port: server.port, user: server.user, password: server.password, database: 'bank' };
  await using store = await openTestStore();
  await fillMysql(server, rows);
  await fillStore(store, rows, login);
  await using sessions = new VerifySessions(() => store.store.connect(), { sessionsMax: 2, sessionMsMax: 600_000 });
  const seconds = quick ? 6 : 15;
  const figures: object[] = [];
  for (const throttleRows of [null, 100_000]) {
    const before = await beside(login, () => new Promise((resolve) => setTimeout(resolve, seconds * 1_000)));
    const { load, result } = await beside(login, async () => {
      const begun = performance.now();
      const { outcomes } = await compare({ login, sessions, throttleRows });
      return { seconds: round((performance.now() - begun) / 1_000, 2), outcome: outcomes[0] };
    });
    if (result.outcome?.status !== 'equal' || result.outcome.rows !== rows) throw new Error(JSON.stringify(result.outcome));
    const slowdown = round((1 - load.perSecond / before.load.perSecond) * 100, 1);
    figures.push({ rows, throttleRows, seconds: result.seconds, alone: before.load, beside: load, slowdownPercent: slowdown });
    const limit = throttleRows === null ? 'as fast as it goes' : `at most ${throttleRows} rows/s`;
    tell(
      `verify ${rows} rows, ${limit}: ${result.seconds} s; writers ${before.load.perSecond}/s (p50 ${before.load.p50} ms) alone, ${load.perSecond}/s (p50 ${load.p50} ms) beside it: ${slowdown} % slower`,
    );
  }
  return { clients: CLIENTS, wantedPerSecond: PER_SECOND, legs: figures };
}

async function compare({
  login,
  sessions,
  throttleRows,
}: {
  login: SourceLogin;
  sessions: VerifySessions;
  throttleRows: number | null;
}): Promise<Verification> {
  return verify({
    source: mysqlSource({ login, excludeTables: [], throttleRows, policies: null }),
    store: {
      begin: async (seq) => {
        const standing = await sessions.begin(seq, 1_000);
        const { session } = standing;
        return { standing, at: (place) => storeSide(sessions, { session, place }), [Symbol.asyncDispose]: () => sessions.end(session) };
      },
    },
    lake: () => Promise.resolve(null),
    tables: new Set([SCHEMA.table]),
  });
}

async function fillMysql(server: Omit<SourceLogin, 'database'>, rows: number): Promise<void> {
  const { host, port, user, password } = server;
  const root = await createConnection({ host, port, user, password, multipleStatements: true });
  await root.query(`CREATE DATABASE bank CHARACTER SET utf8mb4; USE bank;
    CREATE TABLE barriers (barrier_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, token VARCHAR(64) NOT NULL UNIQUE, purpose VARCHAR(64) NOT NULL, created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6));
    CREATE TABLE payments (payment_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, account_id BIGINT NOT NULL, amount DECIMAL(20,4) NOT NULL);
    CREATE TABLE entries (entry_id BIGINT NOT NULL PRIMARY KEY, account_id BIGINT, amount DECIMAL(20,4), currency CHAR(3), posting_type VARCHAR(6), created_at DATETIME(6));
    CREATE TABLE digits AS SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9`);
  const number = 'a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d';
  for (let first = 0; first < rows; first += FILL_ROWS)
    await root.query(`INSERT INTO entries SELECT i, i % 5000, (1 + i % 90000) * 0.01, 'USD', IF(i % 2 = 1, 'DEBIT', 'CREDIT'), TIMESTAMP'${DAY} 00:00:00' + INTERVAL i % 86400 SECOND
      FROM (SELECT ${first} + ${number} AS i FROM digits a, digits b, digits c, digits e, digits f) n`);
  await root.query('ANALYZE TABLE entries');
  await root.end();
}

/** The same rows past the commits: one is committed, the others are made of it. */
async function fillStore(store: TestStore, rows: number, login: SourceLogin): Promise<void> {
  store.table = SCHEMA.table;
  await store.commit([], [{ kind: 'schema', table: SCHEMA.table, seq: -1, ddl: 'CREATE TABLE entries', schema: SCHEMA }]);
  const after = {
    entry_id: 0,
    account_id: 0,
    amount: '0.0100',
    currency: 'USD',
    posting_type: 'CREDIT',
    created_at: Date.parse(`${DAY}T00:00:00Z`) * 1_000,
  };
  await store.commit([{ table: SCHEMA.table, op: 'c', seq: 1, ord: 1, key: { entry_id: 0 }, before: null, after }]);
  const mysql = await createConnection({ ...login });
  const [[uuid]] = (await mysql.query({ sql: 'SELECT @@server_uuid', rowsAsArray: true })) as unknown as [string[][]];
  await mysql.end();
  await store.store.writer
    .run(`INSERT INTO _rows.entries SELECT r.* REPLACE (i AS entry_id, i % 5000 AS account_id, CAST((1 + i % 90000) * 0.01 AS DECIMAL(20,4)) AS amount,
      CASE WHEN i % 2 = 1 THEN 'DEBIT' ELSE 'CREDIT' END AS posting_type, CAST(TIMESTAMP '${DAY}' + to_seconds(i % 86400) AS TIMESTAMP) AS created_at) FROM range(1, ${rows}) t(i), _rows.entries r;
    UPDATE ops.state SET server_uuid = ${literal(uuid?.[0] ?? '')}, seq = ${AHEAD}; CHECKPOINT`);
}

/** Runs the work beside writers that together try for PER_SECOND transactions of one row. */
async function beside<T>(login: SourceLogin, work: () => Promise<T>): Promise<{ load: Load; result: T }> {
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => createConnection({ ...login })));
  const latencies: number[] = [];
  const stop = new AbortController();
  const begun = performance.now();
  const writing = clients.map((client, index) => write(client, { index, latencies, stop: stop.signal }));
  const result = await work();
  stop.abort();
  const took = (performance.now() - begun) / 1_000;
  await Promise.all(writing);
  for (const client of clients) client.destroy();
  const { p50, p95 } = percentiles(latencies);
  return { load: { perSecond: round(latencies.length / took), p50, p95 }, result };
}

async function write(
  client: Connection,
  { index, latencies, stop }: { index: number; latencies: number[]; stop: AbortSignal },
): Promise<void> {
  const everyMs = (1_000 * CLIENTS) / PER_SECOND;
  for (let due = performance.now() + (index * everyMs) / CLIENTS; !stop.aborted; due += everyMs) {
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const begun = performance.now();
    await client.query('INSERT INTO payments (account_id, amount) VALUES (?, 12.5)', [index]);
    latencies.push(performance.now() - begun);
  }
}
