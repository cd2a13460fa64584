import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../infra/runtime/log.ts';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { openBank } from '../../test/support/test-bank.ts';
import { runMarket, writeTick } from './simulator.ts';

let server: TestMysql;

beforeAll(async () => {
  server = await startMysql();
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

const SERIES = 'SELECT symbol, tick, price FROM market_prices ORDER BY symbol, tick';
const NOW = new Date('2026-11-21T12:00:00Z');

describe('the market', () => {
  it('has the same prices for the same seed, however often the simulator is started, and each tick once', async () => {
    await using one = await openBank(server, 'market_one');
    await using two = await openBank(server, 'market_two');
    for (let tick = 0; tick < 5; tick += 1) expect(await writeTick(one.connection, 7, NOW)).toBe(11);
    for (let tick = 0; tick < 2; tick += 1) await writeTick(two.connection, 7, NOW);
    const again = await two.open();
    for (let tick = 0; tick < 3; tick += 1) await writeTick(again, 7, NOW);
    const series = await one.rows(SERIES);
    expect(series).toHaveLength(55);
    expect(await two.rows(SERIES)).toEqual(series);
    expect(series[0]).toMatchObject({ symbol: 'ACME', tick: 0, price: '148.2000' });
    expect(new Set(series.filter(({ symbol }) => symbol === 'ACME').map(({ price }) => String(price))).size).toBe(5);
  });

  it('goes on by itself until it is told to end, and its prices stay as they are', async () => {
    await using bank = await openBank(server, 'market_runs');
    await bank.run(`UPDATE instruments SET enabled = 0 WHERE currency = 'INR'`);
    const stop = new AbortController();
    const login = { ...server, database: bank.database };
    const running = [1, 2].map(() => runMarket({ login, seed: 1, intervalMs: 20, log: silentLog(), signal: stop.signal }));
    for (;;) {
      const [count] = await bank.rows('SELECT COUNT(*) AS n, MAX(tick) AS tick, COUNT(DISTINCT symbol) AS symbols FROM market_prices');
      if (Number(count?.['tick']) >= 3) {
        expect(count).toMatchObject({ symbols: 8, n: 8 * (Number(count?.['tick']) + 1) });
        break;
      }
    }
    stop.abort();
    await Promise.all(running);
    expect(await bank.refusal('UPDATE market_prices SET price = 1 LIMIT 1')).toMatch(/^45000 price \d+ of \w+ is published/);
  });

  it('refuses holdings below zero', async () => {
    await using bank = await openBank(server, 'market_runs');
    const account = await bank.account('10.00');
    expect(await bank.refusal(`INSERT INTO holdings VALUES (${account}, 'ACME', -1, NOW(6))`)).toMatch(/ck_holdings_quantity/);
  });
});
