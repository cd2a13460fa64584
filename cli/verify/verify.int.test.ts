// Verification of a real MySQL against a real store and its published files: every kind of difference is found and named, in the layer
// it is in; nothing is found where nothing is, also while writes go on.

import path from 'node:path';
import { createConnection, type Connection, type ResultSetHeader } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../infra/runtime/config.ts';
import { createMetrics } from '../../infra/runtime/metrics.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import type { Publisher } from '../../lake/publish/publisher.ts';
import { publisherOf, testExtension } from '../../lake/publish/testkit-publisher.ts';
import { CREATE_ACCOUNTS, openTestStore, type TestStore } from '../../lake/store/testkit.ts';
import { storeSide } from '../../lake/verify/commands.ts';
import { mysqlSource, type SourceOptions } from '../../lake/verify/mysql-source.ts';
import type { StoreReader } from '../../lake/verify/ports.ts';
import { VerificationBook, type TableOutcome } from '../../lake/verify/record.ts';
import { VerifySessions } from '../../lake/verify/sessions.ts';
import { verify } from '../../lake/verify/verify.ts';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { rewriteFile } from '../../test/support/rewrite-file.ts';
import { openLake } from './verify-lake.ts';

const ROWS = 40;
/** Far beyond: whatever MySQL commits in the test is in the store as far as the store says. */
const AHEAD = 1_000_000;

let server: TestMysql;
let root: Connection;
let world: World;
beforeAll(async () => {
  server = await startMysql();
  root = await createConnection({ host: server.host, port: server.port, user: server.user, password: server.password });
  await root.query('CREATE DATABASE bank CHARACTER SET utf8mb4');
  await root.query('USE bank');
  await root.query(`CREATE TABLE barriers (barrier_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, token VARCHAR(64) NOT NULL UNIQUE, purpose VARCHAR(64) NOT NULL,
    created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6))`);
  await root.query('CREATE TABLE accounts (account_id BIGINT NOT NULL PRIMARY KEY, owner VARCHAR(80), balance DECIMAL(20,4))');
  world = await equalWorld();
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  root?.destroy();
  await server?.[Symbol.asyncDispose]();
});

interface World extends AsyncDisposable {
  readonly store: TestStore;
  readonly publisher: Publisher;
  readonly sessions: VerifySessions;
  verify(tables?: readonly string[], throttle?: Partial<SourceOptions>): Promise<readonly TableOutcome[]>;
}

/** MySQL and a store with the same rows, published. */
async function equalWorld(): Promise<World> {
  const store = await openTestStore();
  const publisher = await publisherOf(store);
  await fillMysql();
  await store.commit([], [CREATE_ACCOUNTS]);
  const image = (id: number): object => ({ account_id: id, owner: `Zoë ${id}`, balance: `${id}.5000` });
  await store.commit(
    ids.map((id) => ({ table: 'accounts', op: 'c', seq: id, ord: 1, key: { account_id: id }, before: null, after: image(id) })),
  );
  const [[uuid]] = (await root.query({ sql: 'SELECT @@server_uuid', rowsAsArray: true })) as unknown as [string[][]];
  await store.store.writer.run(`UPDATE ops.state SET server_uuid = ${literal(uuid?.[0] ?? '')}, seq = ${AHEAD}`);
  await publisher.publishOnce();
  const sessions = new VerifySessions(() => store.store.connect(), { sessionsMax: 4, sessionMsMax: 60_000 });
  const extension = await testExtension();
  return {
    store,
    publisher,
    sessions,
    verify: async (tables = ['accounts'], throttle = {}) => {
      const login = { host: server.host, port: server.port, user: server.user, password: server.password, database: 'bank' };
      const { outcomes } = await verify({
        source: mysqlSource({ login, excludeTables: [], throttleRows: null, policies: null, ...throttle }),
        store: localStore(sessions),
        lake: () => openLake(loadConfig({ DUCKLAKE_EXTENSION_PATH: extension }), path.join(store.folder, 'lake', 'ledgerflow.ducklake')),
        tables: new Set(tables),
      });
      return outcomes;
    },
    [Symbol.asyncDispose]: async () => {
      await sessions[Symbol.asyncDispose]();
      await publisher[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

const ids = Array.from({ length: ROWS }, (_unused, index) => index + 1);

async function fillMysql(): Promise<void> {
  await root.query('DELETE FROM accounts');
  await root.query('INSERT INTO accounts VALUES ?', [ids.map((id) => [id, `Zoë ${id}`, `${id}.5000`])]);
}

function localStore(sessions: VerifySessions): StoreReader {
  return {
    begin: async (seq) => {
      const standing = await sessions.begin(seq, 1_000);
      const { session } = standing;
      return { standing, at: (place) => storeSide(sessions, { session, place }), [Symbol.asyncDispose]: () => sessions.end(session) };
    },
  };
}

/** Result per layer, and the differing rows. */
function told(outcomes: readonly TableOutcome[]): unknown[] {
  return outcomes.map(({ layer, status, differences }) => [
    layer,
    status,
    ...(differences as { key: string; kind: string }[]).map(({ key, kind }) => `${key} ${kind}`),
  ]);
}

const EQUAL = [
  ['store', 'equal'],
  ['lake', 'equal'],
];

describe('a verification', () => {
  it('finds nothing where nothing is, while another connection commits', async () => {
    const busy = await createConnection({
      host: server.host,
      port: server.port,
      user: server.user,
      password: server.password,
      database: 'bank',
    });
    await busy.query('CREATE TABLE IF NOT EXISTS noise (id BIGINT AUTO_INCREMENT PRIMARY KEY, t INT)');
    let [writing, written] = [true, 0];
    const noise = (async () => {
      while (writing) written += (await busy.query<ResultSetHeader>('INSERT INTO noise (t) VALUES (1)'))[0].affectedRows;
    })();
    const outcomes = await world.verify();
    writing = false;
    await noise;
    busy.destroy();
    expect(written).toBeGreaterThan(3);
    expect(told(outcomes)).toEqual(EQUAL);
    expect(outcomes.map(({ rows }) => rows)).toEqual([ROWS, ROWS]);
    expect(outcomes[0]?.gtid).toMatch(/^[0-9a-f-]{36}:\d+$/);
  });

  it('reads no more rows a second than a throttle allows, in small steps, and finds the same', async () => {
    const pauses: number[] = [];
    const pause = (ms: number): Promise<void> => Promise.resolve(void pauses.push(ms));
    const begun = performance.now();
    expect(told(await world.verify(['accounts'], { throttleRows: 1, pause }))).toEqual(EQUAL);
    const slept = pauses.reduce((sum, ms) => sum + ms, 0);
    expect(pauses.length).toBeGreaterThan(0);
    expect(slept + performance.now() - begun).toBeGreaterThanOrEqual(ROWS * 1_000 - 1);
  });

  const faults: Record<string, [sql: string, expected: unknown[]]> = {
    'a cell changed in MySQL': ['UPDATE accounts SET balance = 7.0001 WHERE account_id = 7', ['7 changed']],
    'a row missing in MySQL': ['DELETE FROM accounts WHERE account_id = 8', ['8 extra']],
    'a row too much in MySQL': [`INSERT INTO accounts VALUES (99, 'x', 1)`, ['99 missing']],
    'two rows swapped in MySQL': [
      `UPDATE accounts SET owner = IF(account_id = 5, 'Zoë 6', 'Zoë 5') WHERE account_id IN (5, 6)`,
      ['5 changed', '6 changed'],
    ],
  };
  it.each(Object.entries(faults))('finds %s', async (_name, [sql, expected]) => {
    await quietly(sql);
    expect(told(await world.verify())).toEqual([['store', 'different', ...expected], EQUAL[1]]);
    await fillMysql();
  });

  const inStore: Record<string, [sql: string, expected: unknown[]]> = {
    'a cell changed in the store': [`UPDATE _rows.accounts SET balance = 9 WHERE account_id = 7`, ['7 changed']],
    'a row missing in the store': ['DELETE FROM _rows.accounts WHERE account_id = 8', ['8 missing']],
    'a row too much in the store': [
      `INSERT INTO _rows.accounts SELECT * REPLACE (99 AS account_id) FROM _rows.accounts WHERE account_id = 1`,
      ['99 extra'],
    ],
    'two rows swapped in the store': [
      `UPDATE _rows.accounts SET owner = CASE account_id WHEN 5 THEN 'Zoë 6' ELSE 'Zoë 5' END WHERE account_id IN (5, 6)`,
      ['5 changed', '6 changed'],
    ],
  };
  it.each(Object.entries(inStore))('finds %s, and that the published files are not it any more', async (_name, [sql, expected]) => {
    await tampered(sql);
    const [store, lake] = told(await world.verify()) as unknown[][];
    await tampered(null);
    expect(store).toEqual(['store', 'different', ...expected]);
    expect(lake?.slice(0, 2)).toEqual(['lake', 'different']);
  });

  const inFiles: Record<string, [select: string, expected: unknown[]]> = {
    'a cell changed in a published file': ['SELECT * REPLACE (CASE account_id WHEN 7 THEN 9 ELSE balance END AS balance)', ['7 changed']],
    'a row missing in a published file': [
      'SELECT * REPLACE (CASE account_id WHEN 8 THEN 9 ELSE account_id END AS account_id)',
      ['9 extra', '8 missing'],
    ],
    'two rows swapped in a published file': [
      `SELECT * REPLACE (CASE account_id WHEN 5 THEN 'Zoë 6' WHEN 6 THEN 'Zoë 5' ELSE owner END AS owner)`,
      ['5 changed', '6 changed'],
    ],
  };
  it.each(Object.entries(inFiles))('finds %s', async (_name, [select, expected]) => {
    const restore = await rewriteFile(path.join(world.store.folder, 'lake', 'data', 'silver', 'accounts'), select);
    const [store, lake] = await world.verify();
    restore();
    expect(told([store!])).toEqual([EQUAL[0]]);
    expect(lake?.status).toBe('different');
    if (!/cannot be read/.test(lake?.reason ?? '')) expect(told([lake!])).toEqual([['lake', 'different', ...expected]]);
  });

  it('keeps the record, and says through which transaction a table is proven', async () => {
    const metrics = createMetrics();
    const book = new VerificationBook(await world.store.store.connect(), metrics);
    const outcomes = await world.verify();
    await book.record({ run: 'first', requestedBy: 'test', outcomes: [...outcomes] });
    expect(book.state).toMatchObject({ through: outcomes[0]?.gtid, tables: 1, different: [] });
    await tampered('DELETE FROM _rows.accounts WHERE account_id = 8');
    await book.record({ run: 'second', requestedBy: 'test', outcomes: [...(await world.verify())] });
    expect(book.state).toMatchObject({ through: outcomes[0]?.gtid, different: ['accounts'] });
    expect(await world.store.rows('SELECT table_name, gtid, rows FROM ops.verified_through')).toEqual([
      ['accounts', outcomes[0]?.gtid, String(ROWS)],
    ]);
    expect(await metrics.registry.metrics()).toContain('ledgerflow_verify_differences{table="accounts",layer="store"} 1');
  });
});

/** A change that the binlog does not have: nobody downstream hears of it. */
async function quietly(sql: string): Promise<void> {
  await root.query('SET SESSION sql_log_bin = 0');
  await root.query(sql);
  await root.query('SET SESSION sql_log_bin = 1');
}

/** Changes rows of the store past its commits; null puts them back. */
async function tampered(sql: string | null): Promise<void> {
  const { writer } = world.store.store;
  if (sql !== null) await writer.run(`CREATE TABLE kept AS FROM _rows.accounts; ${sql}`);
  else await writer.run('DELETE FROM _rows.accounts; INSERT INTO _rows.accounts FROM kept; DROP TABLE kept');
}
