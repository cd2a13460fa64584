// Which state a session reads: a published snapshot (ledgerflow.as_of) or the store once it includes a write (ledgerflow.min_gtid).

import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Publisher } from '../../lake/publish/publisher.ts';
import { TEST_SERVER, TestStore } from '../../lake/publish/testkit.ts';
import { account, ACCOUNTS, GOLD_SQL, testPublisher } from '../../lake/publish/testkit-publisher.ts';
import { startWire, type WireServer } from './server.ts';
import { DATABASE, PASSWORD, sqlstateOf, USER } from './testkit.ts';

const TOTAL = 'SELECT sum(balance)::VARCHAR AS total, count(*)::INTEGER AS n FROM silver.accounts';

let store: TestStore;
let publisher: Publisher;
let wire: WireServer;
let client: Client;
const notices: string[] = [];

beforeAll(async () => {
  store = await TestStore.open();
  publisher = await testPublisher(store);
  await store.table(ACCOUNTS);
  await commit([account('c', 1, 'Ann', '10'), account('c', 2, 'Bob', '20')]); // number 1
  await publisher.publishOnce();
  await commit([account('u', 2, 'Bob', '25')]); // number 2, never published alone
  await commit([account('c', 3, 'Cid', '30')]); // number 3
  await publisher.publishOnce();
  wire = await startWire({
    host: '127.0.0.1',
    port: 0,
    user: USER,
    password: PASSWORD,
    database: DATABASE,
    connect: () => store.connect(),
    statementTimeoutMs: 10_000,
    minGtidTimeoutMs: 400,
    rowsMax: 1_000_000,
    concurrencyMax: 1,
    connectionsMax: 5,
    log: pino({ level: 'silent' }),
  });
  client = await connect();
  client.on('notice', ({ message }) => notices.push(message ?? ''));
});
afterAll(async () => {
  await client.end();
  await wire[Symbol.asyncDispose]();
  await publisher[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
});

async function commit(changes: Parameters<TestStore['commit']>[0]): Promise<void> {
  await store.commit(changes, GOLD_SQL);
}

async function connect(options = ''): Promise<Client> {
  const made = new Client({ host: '127.0.0.1', port: wire.port, user: USER, password: PASSWORD, database: DATABASE, options });
  await made.connect();
  return made;
}

describe('ledgerflow.as_of', () => {
  it('reads the publication of a GTID, and now again after RESET', async () => {
    await client.query(`SET ledgerflow.as_of = '${TEST_SERVER}:1'`);
    expect(notices.at(-1)).toContain(`at ${TEST_SERVER}:1`);
    expect((await client.query(TOTAL)).rows).toEqual([{ total: '30.0000', n: 2 }]);
    expect((await client.query('SELECT owner FROM fct_accounts a WHERE a.account_id = $1', [2])).rows).toEqual([{ owner: 'Bob' }]);
    expect((await client.query('SELECT max(commit_id)::INTEGER AS c FROM bronze.changes')).rows).toEqual([{ c: 1 }]);
    await client.query('RESET ledgerflow.as_of');
    expect((await client.query(TOTAL)).rows).toEqual([{ total: '65.0000', n: 3 }]);
  });

  it('a GTID between two publications reads the one before it, never a later state', async () => {
    await client.query(`SET ledgerflow.as_of = '${TEST_SERVER}:2'`);
    expect((await client.query(TOTAL)).rows[0]?.total).toBe('30.0000');
    await client.query(`SET ledgerflow.as_of = '${TEST_SERVER}:3'`);
    expect((await client.query(TOTAL)).rows[0]?.total).toBe('65.0000');
    await client.query('DISCARD ALL');
  });

  it('reads by time', async () => {
    const [first, second] = (await client.query(`SELECT published_at::VARCHAR AS at FROM ops.publications ORDER BY 1`)).rows;
    await client.query(`SET ledgerflow.as_of = '${first?.at}'`);
    expect((await client.query(TOTAL)).rows[0]?.n).toBe(2);
    await client.query(`SET ledgerflow.as_of TO '${second?.at}'`);
    expect((await client.query(TOTAL)).rows[0]?.n).toBe(3);
    expect(await sqlstateOf(client.query(`SET ledgerflow.as_of = '2020-01-01'`))).toBe('22023');
    expect((await client.query('SHOW ledgerflow.as_of')).rows).toEqual([{ 'ledgerflow.as_of': second?.at }]);
    await client.query('RESET ALL');
  });

  it('joins, subqueries and WITH all stand at the snapshot; nothing falls through to the store', async () => {
    await client.query(`SET ledgerflow.as_of = '${TEST_SERVER}:1'`);
    const sql = `WITH rich AS (SELECT * FROM silver.accounts WHERE balance > 15)
      SELECT r.owner, (SELECT count(*) FROM accounts)::INTEGER AS n, b.balance::VARCHAR AS balance FROM rich r JOIN gold.balances b USING (account_id)`;
    expect((await client.query(sql)).rows).toEqual([{ owner: 'Bob', n: 2, balance: '20.0000' }]);
    expect(await sqlstateOf(client.query('SELECT * FROM ops.state'))).toBe('42P01');
    expect(await sqlstateOf(client.query('WITH accounts AS (SELECT 1 AS a) SELECT * FROM accounts'))).toBe('0A000');
    expect(await sqlstateOf(client.query('SELECT * FROM lake.silver.accounts'))).toBe('42501');
    await client.query('RESET ledgerflow.as_of');
  });

  it('counts from the start of the connection too', async () => {
    const early = await connect(`-c ledgerflow.as_of=${TEST_SERVER}:1`);
    expect((await early.query(TOTAL)).rows[0]?.n).toBe(2);
    await early.end();
  });

  it('refuses what is not published yet and what is no state', async () => {
    await expect(client.query(`SET ledgerflow.as_of = '${TEST_SERVER}:9'`)).rejects.toMatchObject({
      code: '22023',
      message: expect.stringContaining('not yet up to'),
    });
    expect(await sqlstateOf(client.query(`SET ledgerflow.as_of = 'yesterday-ish'`))).toBe('22023');
    expect((await client.query(TOTAL)).rows[0]?.n).toBe(3);
  });

  it('says when a snapshot is no longer kept', async () => {
    await store.run(`UPDATE ops.publications SET lake_snapshot = 1000000 WHERE gtid = '${TEST_SERVER}:1'`);
    await expect(client.query(`SET ledgerflow.as_of = '${TEST_SERVER}:1'`)).rejects.toMatchObject({
      message: expect.stringContaining('no longer kept'),
    });
  });
});

describe('ledgerflow.min_gtid', () => {
  it('waits for a write and then reads it, without taking the place of a running statement', async () => {
    const next = (await client.query('SELECT seq::INTEGER + 1 AS n FROM ops.state')).rows[0]?.n as number;
    const waiting = client.query(`SET ledgerflow.min_gtid = '${TEST_SERVER}:${next}'; ${TOTAL}`);
    const other = await connect();
    expect((await other.query(TOTAL)).rows[0]?.n).toBe(3); // concurrencyMax is 1
    await other.end();
    await sleep(30);
    await commit([account('c', 4, 'Dee', '40')]);
    const [, answer] = (await waiting) as unknown as { rows: { n: number }[] }[];
    expect(answer?.rows[0]?.n).toBe(4);
  });

  it('gives up after the time that is set', async () => {
    await expect(client.query(`SET ledgerflow.min_gtid = '${TEST_SERVER}:99'`)).rejects.toMatchObject({
      code: '57014',
      hint: expect.stringContaining('LEDGERFLOW_WIRE_MIN_GTID_TIMEOUT_MS'),
    });
    expect(await sqlstateOf(client.query(`SET ledgerflow.min_gtid = 'soon'`))).toBe('22023');
    expect((await client.query(TOTAL)).rows[0]?.n).toBe(4);
  });

  it('renews a transaction that has not read, and refuses in one that has', async () => {
    await client.query('BEGIN');
    await client.query(`SET ledgerflow.min_gtid = '${TEST_SERVER}:1'`);
    expect((await client.query(TOTAL)).rows[0]?.n).toBe(4);
    expect(await sqlstateOf(client.query(`SET ledgerflow.min_gtid = '${TEST_SERVER}:2'`))).toBe('25001');
    await client.query('ROLLBACK');
  });
});
