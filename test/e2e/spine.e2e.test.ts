// The main job on the real stack: what is written to MySQL with an ordinary client is in silver, history and gold, exactly once, and comes out
// of Kafka once more.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import type mysql from 'mysql2/promise';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKafka } from '../../cdc/kafka/client.ts';
import { statusSchema } from '../../infra/runtime/status.ts';
import { violations } from '../support/oracle.ts';
import { startPipeline, waitFor, type TestPipeline } from '../support/pipeline.ts';

let pipeline: TestPipeline;
let bank: mysql.Connection;
let root: mysql.Connection;
let lake: pg.Client;

beforeAll(async () => {
  pipeline = await startPipeline();
  [bank, root, lake] = [await pipeline.mysql(), await pipeline.root(), await pipeline.sql()];
});
afterAll(async () => {
  bank?.destroy();
  root?.destroy();
  await lake?.end().catch(() => undefined); // gone when a test failed in a bad moment
  await pipeline?.[Symbol.asyncDispose]();
});

const rows = async (text: string, values: unknown[] = []): Promise<unknown[]> => (await lake.query<object>(text, values)).rows;

async function newAccount(balance: string): Promise<{ customer: string; account: string }> {
  const [customer] = await bank.query<mysql.ResultSetHeader>(
    `INSERT INTO customers (first_name, last_name, email) VALUES ('Ada', 'Spine', UUID())`,
  );
  const [account] = await bank.query<mysql.ResultSetHeader>(
    `INSERT INTO accounts (customer_id, account_type, balance, status) VALUES (?, 'checking', ?, 'active')`,
    [customer.insertId, balance],
  );
  return { customer: String(customer.insertId), account: String(account.insertId) };
}

describe('the spine', () => {
  it('has the demo world in gold after the first start, equal to MySQL', async () => {
    expect(await violations(pipeline)).toEqual([]);
    expect(Number(((await rows('SELECT count(*) AS n FROM gold.fct_transactions')) as { n: string }[])[0]?.n)).toBeGreaterThan(100);
  });

  it("brings a plain INSERT of seed 002's columns to gold with both its entries", async () => {
    const { customer, account } = await newAccount('100.00');
    const [inserted] = await bank.query<mysql.ResultSetHeader>(
      `INSERT INTO transactions (account_id, customer_id, merchant_id, amount, currency, status, event_ts) VALUES (?, ?, (SELECT MIN(merchant_id) FROM merchants), 12.34, 'USD', 'posted', NOW(6))`,
      [account, customer],
    );
    const id = String(inserted.insertId);
    await waitFor(
      'the transaction in gold',
      10_000,
      async () => (await rows('SELECT 1 FROM gold.fct_transactions WHERE transaction_id = $1', [id])).length === 1,
    );
    expect(await rows('SELECT account_id, type, amount, status FROM gold.fct_transactions WHERE transaction_id = $1', [id])).toEqual([
      { account_id: account, type: 'PURCHASE', amount: '12.3400', status: 'posted' },
    ]);
    expect(
      await rows('SELECT posting_type, amount FROM silver.ledger_entries WHERE transaction_id = $1 ORDER BY posting_type', [id]),
    ).toEqual([
      { posting_type: 'CREDIT', amount: '12.3400' },
      { posting_type: 'DEBIT', amount: '12.3400' },
    ]);
    expect(
      await rows('SELECT closing FROM gold.daily_account_balances WHERE account_id = $1 ORDER BY day DESC LIMIT 1', [account]),
    ).toEqual([{ closing: '87.6600' }]);
  });

  it('follows updates and deletes, and keeps every version in history', async () => {
    const { customer } = await newAccount('0');
    const [device] = await bank.query<mysql.ResultSetHeader>(
      `INSERT INTO customers (first_name, last_name, email) VALUES ('Short', 'Lived', UUID())`,
    );
    await bank.query(`UPDATE customers SET last_name = 'Renamed' WHERE customer_id = ?`, [customer]);
    await bank.query('DELETE FROM customers WHERE customer_id = ?', [device.insertId]);
    await pipeline.caughtUp();
    expect(await rows('SELECT last_name FROM silver.customers WHERE customer_id = $1', [customer])).toEqual([{ last_name: 'Renamed' }]);
    expect(await rows('SELECT last_name, _op FROM silver.customers_history WHERE customer_id = $1 ORDER BY _pos', [customer])).toEqual([
      { last_name: 'Spine', _op: 'c' },
      { last_name: 'Renamed', _op: 'u' },
    ]);
    expect(await rows('SELECT 1 FROM silver.customers WHERE customer_id = $1', [device.insertId])).toEqual([]);
    expect(await rows('SELECT _op FROM silver.customers_history WHERE customer_id = $1 ORDER BY _pos', [device.insertId])).toEqual([
      { _op: 'c' },
      { _op: 'd' },
    ]);
  });

  it('applies a transaction over three tables as one commit', async () => {
    await bank.beginTransaction();
    const { account } = await newAccount('50.00');
    await bank.query('INSERT INTO transactions (account_id, amount) VALUES (?, 5)', [account]);
    await bank.commit();
    await pipeline.caughtUp();
    const commits = await rows(
      `SELECT DISTINCT _commit FROM (SELECT _commit FROM silver.accounts_history WHERE account_id = $1 UNION ALL SELECT _commit FROM silver.transactions_history WHERE account_id = $1
       UNION ALL SELECT _commit FROM silver.ledger_entries_history WHERE account_id = $1)`,
      [account],
    );
    expect(commits).toHaveLength(1);
  });

  it('follows a new table through primary key change, ADD COLUMN, TRUNCATE and DROP', async () => {
    await root.query(`CREATE TABLE notes (id BIGINT PRIMARY KEY, body VARCHAR(40), weight DECIMAL(10, 3))`);
    await root.query(`INSERT INTO notes VALUES (1, 'one', 1.5), (2, 'two', NULL), (9007199254740993, 'beyond doubles', 0.125)`);
    await root.query('UPDATE notes SET id = 20 WHERE id = 2');
    await pipeline.caughtUp();
    expect(await rows('SELECT id, body, weight FROM silver.notes ORDER BY id')).toEqual([
      { id: '1', body: 'one', weight: '1.500' },
      { id: '20', body: 'two', weight: null },
      { id: '9007199254740993', body: 'beyond doubles', weight: '0.125' },
    ]);
    await root.query(`ALTER TABLE notes ADD COLUMN stars TINYINT NOT NULL DEFAULT 3`);
    await root.query(`INSERT INTO notes VALUES (4, 'four', 4, 5)`);
    await pipeline.caughtUp();
    expect(await rows('SELECT id, stars FROM silver.notes WHERE id < 10 ORDER BY id')).toEqual([
      { id: '1', stars: '3' },
      { id: '4', stars: '5' },
    ]);
    await root.query('TRUNCATE TABLE notes');
    await root.query(`INSERT INTO notes VALUES (5, 'after', 5, 5)`);
    expect(await violations(pipeline)).toEqual([]);
    expect(await rows('SELECT id FROM silver.notes')).toEqual([{ id: '5' }]);
    await root.query('DROP TABLE notes');
    await pipeline.caughtUp();
    await expect(rows('SELECT * FROM silver.notes')).rejects.toThrow(/notes/);
  });

  it('goes on over statements that leave no record, such as GRANT', async () => {
    await root.query(`CREATE USER IF NOT EXISTS 'passer'@'localhost' IDENTIFIED BY 'by'`);
    await root.query('ANALYZE TABLE customers');
    await bank.query(`INSERT INTO customers (first_name, last_name, email) VALUES ('After', 'Grant', UUID())`);
    await waitFor(
      'the row behind the gap',
      30_000,
      async () => (await rows(`SELECT 1 FROM silver.customers WHERE last_name = 'Grant'`)).length === 1,
    );
  });

  it("brings the heads of the bank's audit chain and its market prices to silver", async () => {
    expect((await pipeline.run('bank', 'audit', '--advance')).code).toBe(0);
    await pipeline.caughtUp();
    for (const [table, columns] of [
      ['audit_blocks', 'block_no, head'],
      ['market_prices', 'symbol, tick, price'],
    ]) {
      const [written] = await bank.query<mysql.RowDataPacket[]>(`SELECT ${columns} FROM ${table} ORDER BY 1, 2`);
      expect(written.length, table).toBeGreaterThan(0);
      const text = (all: unknown[]): string[] =>
        all.map((row) =>
          Object.values(row as object)
            .map(String)
            .join(' '),
        );
      expect(text(await rows(`SELECT ${columns} FROM silver.${table} ORDER BY 1, 2`)), table).toEqual(text(written));
    }
  });

  it('prints a status that other programs can rely on', async () => {
    const status = await pipeline.status();
    expect(statusSchema.parse(status)).toMatchObject({ state: 'streaming', parked: 0 });
    expect(status.cut.gtid).toMatch(/^[0-9a-f-]{36}:\d+$/);
    expect(status.freshnessMs).toBeLessThan(5_000);
  });

  it('parks what cannot be read, with its reason and bytes, and goes on', async () => {
    const producer = createKafka((await pipeline.status()).kafka?.brokers ?? '').producer();
    await producer.connect();
    await producer.send({ topic: 'bank_server.bank.customers', messages: [{ key: '{"customer_id":1}', value: 'no envelope at all' }] });
    await producer.disconnect();
    await bank.query(`INSERT INTO customers (first_name, last_name, email) VALUES ('After', 'Garbage', UUID())`);
    await pipeline.caughtUp();
    expect(await rows(`SELECT reason, table_name, decode(value) AS value FROM ops.parked WHERE table_name = 'customers'`)).toEqual([
      { reason: 'LF_ENVELOPE_UNREADABLE', table_name: 'customers', value: 'no envelope at all' },
    ]);
    expect(await rows(`SELECT 1 FROM silver.customers WHERE last_name = 'Garbage'`)).toHaveLength(1);
  });

  it('parks the rows of a table whose type it cannot carry, and the other tables flow', async () => {
    await root.query('CREATE TABLE odd_key (flags BIT(16) PRIMARY KEY, body VARCHAR(20))');
    await root.query(`INSERT INTO odd_key VALUES (b'101', 'five')`);
    await pipeline.caughtUp();
    expect(await rows(`SELECT code, reason, records FROM ops.held_tables WHERE table_name = 'odd_key'`)).toEqual([
      { code: 'LF_COLUMN_UNSUPPORTED', reason: expect.stringContaining('flags') as string, records: '1' },
    ]);
    await root.query('DROP TABLE odd_key');
    expect(await violations(pipeline)).toEqual([]);
  });

  it('lets a second process read the published lake while the pipeline runs', async () => {
    const [gold] = (await rows('SELECT commit_id FROM ops.gold_state')) as { commit_id: string }[];
    const published = 'SELECT 1 FROM ops.publications WHERE gold_commit_id >= $1';
    await waitFor('a publication of this gold', 60_000, async () => (await rows(published, [gold?.commit_id])).length > 0);
    const { catalog } = (await pipeline.status()).lake ?? { catalog: '' };
    const script = fileURLToPath(new URL('../support/read-lake.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, catalog]);
    const read = JSON.parse(stdout) as { customers: number; gold: number; bronze: number; unbalanced: number };
    expect(read.customers).toBeGreaterThan(10);
    expect(read.gold).toBeGreaterThan(100);
    expect(read.bronze).toBeGreaterThan(1_000);
    expect(read.unbalanced).toBe(0);
  });

  it('comes out of Kafka again as it was, in an empty store and an empty lake', async () => {
    await pipeline.caughtUp();
    const PARKED = 'SELECT topic, kafka_offset, reason FROM ops.parked ORDER BY 1, 2';
    const parked = await rows(PARKED);
    await pipeline.stop();
    const rebuilt = await pipeline.run('rebuild', '--yes', '--json');
    expect(rebuilt.code, rebuilt.stderr).toBe(0);
    expect(JSON.parse(rebuilt.stdout)).toMatchObject({ moved: ['store', 'lake'], backfill: [] });
    await pipeline.start();
    await pipeline.caughtUp();
    await lake.end().catch(() => undefined); // its server was stopped
    lake = await pipeline.sql();
    expect(await rows(PARKED)).toEqual(parked);
    expect(await violations(pipeline)).toEqual([]);
  });
});
