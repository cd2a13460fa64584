import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { openBank } from '../../test/support/test-bank.ts';
import { verifyLedger } from '../schema/verify.ts';
import { seedDemo } from './demo.ts';
import { generate } from './run.ts';

let server: TestMysql;

beforeAll(async () => {
  server = await startMysql();
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

/** Everything but ids and times, in an order that no race between connections changes. */
const CONTENT = `SELECT c.email, a.account_type, t.type, t.status, t.amount, t.currency, t.merchant_id, t.channel, t.description
  FROM transactions t JOIN accounts a USING (account_id) JOIN customers c ON c.customer_id = t.customer_id
  ORDER BY c.email, a.account_id, t.transaction_id`;

describe('the demo world', () => {
  it('fills an empty bank with a month of history, once', async () => {
    await using bank = await openBank(server, 'demo');
    const nowMs = Date.parse('2026-11-21T12:00:00Z');
    expect(await seedDemo({ ...server, database: 'demo', nowMs })).toEqual({
      loaded: true,
      customers: 20,
      accounts: 40,
      merchants: 15,
      transactions: 500,
    });
    expect((await seedDemo({ ...server, database: 'demo', nowMs })).loaded).toBe(false);
    expect(await verifyLedger(bank.connection)).toEqual([]);
    const [span] = await bank.rows(
      'SELECT COUNT(DISTINCT DATE(created_at)) AS days, MIN(created_at) AS first, MAX(created_at) AS last FROM ledger_entries',
    );
    expect(span).toMatchObject({ days: 31, first: '2026-10-22 12:00:00.000000' });
    expect(String(span?.['last']) < '2026-11-21 12:00:00').toBe(true);
  });

  it('is the same for the same seed, and is loaded once by callers at the same time', async () => {
    await using one = await openBank(server, 'demo_one');
    await using two = await openBank(server, 'demo_two');
    const results = await Promise.all([1, 2, 3].map(() => seedDemo({ ...server, database: 'demo_one', seed: 5 })));
    expect(results.filter(({ loaded }) => loaded)).toHaveLength(1);
    await seedDemo({ ...server, database: 'demo_two', seed: 5 });
    expect(await one.rows(CONTENT)).toEqual(await two.rows(CONTENT));
  });
});

describe('generate', () => {
  it('sends the same rows for the same seed whatever the connections do, and leaves a right ledger', async () => {
    const contents: unknown[] = [];
    for (const database of ['live_one', 'live_two']) {
      await using bank = await openBank(server, database);
      // Far more time than needed: the number of steps ends the run, not the clock.
      const summary = await generate({ ...server, database, customers: 12, rate: 60, durationSeconds: 5, seed: 9, connections: 4 });
      expect(summary).toMatchObject({ seed: 9, customers: 12, accounts: 24, retries: 0 });
      expect(await verifyLedger(bank.connection)).toEqual([]);
      contents.push(await bank.rows(CONTENT));
      expect((contents[0] as unknown[]).length).toBeGreaterThan(200);
    }
    expect(contents[0]).toEqual(contents[1]);
  });

  it('keeps to its rate, reports progress, and ends when it is told to', async () => {
    await using bank = await openBank(server, 'told');
    const stop = new AbortController();
    const seen: number[] = [];
    const onProgress = ({ transactions }: { transactions: number }) => {
      seen.push(transactions);
      if (seen.length === 2) stop.abort();
    };
    const summary = await generate({
      ...server,
      database: 'told',
      customers: 5,
      rate: 30,
      durationSeconds: 600,
      seed: 1,
      signal: stop.signal,
      onProgress,
    });
    expect(summary.seconds).toBeLessThan(10);
    expect(summary.posted + summary.pending + summary.failed).toBeLessThanOrEqual(100);
    expect(await verifyLedger(bank.connection)).toEqual([]);
  });

  it('says what is wrong when the bank is not there', async () => {
    const options = { ...server, customers: 1, rate: 1, durationSeconds: 1, seed: 1 };
    await expect(generate({ ...options, database: 'told', password: 'wrong' })).rejects.toMatchObject({ code: 'LF_MYSQL_LOGIN' });
    await expect(generate({ ...options, database: 'told', port: 1 })).rejects.toMatchObject({ code: 'LF_MYSQL_UNREACHABLE' });
  });
});
