// The same small world by SQL and through the API, with a stop in the middle; then live, with another.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../../test/support/bank-api.ts';
import { openBank, type TestBank } from '../../../test/support/test-bank.ts';
import { grantTableRights } from '../../schema/grants.ts';
import { verifyLedger } from '../../schema/verify.ts';
import { generateSeeded, openSeeded, type SeededOptions } from '../seeded.ts';
import { goLive, historyThroughApi, type LiveOptions } from './go-live.ts';

const KEY = { seed: 23, customers: 8, months: 1, untilMs: Date.parse('2026-11-21T00:00:00Z'), fraudRate: 0.03, faultRate: 0.01 };

let api: TestApi;
let bySql: TestBank;

beforeAll(async () => {
  api = await startTestApi();
  bySql = await openBank(api.mysql, 'by_sql');
  await grantTableRights(bySql.connection, 'by_sql');
});

afterAll(async () => {
  await bySql?.[Symbol.asyncDispose]();
  await api?.[Symbol.asyncDispose]();
});

function optionsFor(database: string): Omit<SeededOptions, 'onProgress'> {
  const { host, port } = api.mysql;
  return { host, port, user: 'ledgerflow_service', password: 'service-password', database, ...KEY, breakRate: 0 };
}

async function live(database: string, more: Partial<LiveOptions> = {}): Promise<LiveOptions> {
  const options = optionsFor(database);
  return { ...options, ...(await openSeeded(options)), key: KEY, ...more };
}

/**
 * Who did what, when, with whom: everything but ids and times of writing. A hold that was dropped or is open counts as the failed or pending
 * purchase it stands for. Paper trades are left out: their price is that of the moment in which they are made.
 */
const CONTENT = `
  WITH movements AS (
    SELECT account_id, customer_id, counter_account_id, merchant_id, device_id, IF(type = 'INVEST', 'TRANSFER', type) AS type, status, amount,
      currency, channel, description, event_ts, metadata, reference_id FROM transactions WHERE type <> 'TRADE'
    UNION ALL
    SELECT h.account_id, h.customer_id, NULL, h.merchant_id, h.device_id, 'PURCHASE', IF(r.hold_id IS NULL, 'pending', 'failed'), h.amount,
      h.currency, h.channel, h.description, h.effective_at, h.metadata, NULL
    FROM holds h LEFT JOIN hold_resolutions r USING (hold_id) WHERE r.outcome IS NULL OR r.outcome = 'voided')
  SELECT c.email, a.account_type, m.type, m.status, m.amount, m.currency, s.name, s.city, d.fingerprint, m.channel, m.description, m.event_ts,
    JSON_UNQUOTE(m.metadata->'$.decline_reason') AS reason, k.last4,
    IF(m.type = 'TRANSFER', CONCAT(o.email, ' ', b.account_type), NULL) AS other, r.type AS returned, r.amount AS returned_amount
  FROM movements m JOIN customers c USING (customer_id) JOIN accounts a USING (account_id)
    LEFT JOIN accounts b ON b.account_id = m.counter_account_id LEFT JOIN customers o ON o.customer_id = b.customer_id
    LEFT JOIN merchants s ON s.merchant_id = m.merchant_id LEFT JOIN devices d ON d.device_id = m.device_id
    LEFT JOIN cards k ON k.card_id = m.metadata->>'$.card_id' LEFT JOIN transactions r ON r.transaction_id = m.reference_id
  ORDER BY m.event_ts, c.email, a.account_type, m.type, m.amount, m.description`;

describe('the seeded world, by SQL and through the API', () => {
  it('is the same world in content, though the API was stopped in the middle', async () => {
    const written = await generateSeeded(optionsFor('by_sql'));
    const stop = new AbortController();
    const first = await historyThroughApi({
      ...(await live('bank', { signal: stop.signal, onProgress: ({ done }) => done > 20 && stop.abort() })),
      api: { url: api.server.url },
    });
    const second = await historyThroughApi({ ...(await live('bank')), api: { url: api.server.url } });
    expect(first.done).toBeGreaterThan(20);
    expect(second.done).toBeGreaterThan(20);
    const content = await bySql.rows(CONTENT);
    expect(content.length).toBeGreaterThan(written.posted);
    expect(await api.bank.rows(CONTENT)).toEqual(content);
    const count = `SELECT COUNT(*) AS n FROM trades`;
    const [here, there] = [await bySql.rows(count), await api.bank.rows(count)].map(([row]) => Number(row!['n']));
    expect(there! + first.refused + second.refused).toBeGreaterThanOrEqual(here!);
    for (const bank of [bySql, api.bank]) expect(await verifyLedger(bank.connection)).toEqual([]);
  });

  it('goes on live from where its plan stopped, at a rate, and once more after a stop', async () => {
    for (const [database, bank, through] of [
      ['by_sql', bySql, undefined],
      ['bank', api.bank, { url: api.server.url }],
    ] as const) {
      const before = await lastPlanned(bank);
      const clocks: string[] = [];
      let events = 0;
      for (const seconds of [2, 1]) {
        const summary = await goLive({ ...(await live(database, { api: through })), rate: 60, durationMs: seconds * 1_000 });
        expect(summary.done + summary.refused).toBeGreaterThan(20 * seconds);
        expect(summary.done + summary.refused).toBeLessThan(300 * seconds);
        expect(summary.refused).toBeLessThan(10);
        if (events > 0) expect(summary.events).toBe(events + summary.done + summary.refused);
        events = summary.events;
        clocks.push(summary.worldClock!);
      }
      expect(clocks[0]! >= '2026-11-21' && clocks[1]! > clocks[0]!).toBe(true);
      expect((await lastPlanned(bank)).n).toBeGreaterThan(before.n);
      expect(await verifyLedger(bank.connection)).toEqual([]);
    }
  });

  it('says what to do when the API is not there, or refuses', async () => {
    const gone = await live('bank', { api: { url: 'http://127.0.0.1:1', attemptsMax: 3 } });
    await expect(goLive({ ...gone, rate: 60, durationMs: 5_000 })).rejects.toMatchObject({ code: 'LF_BANK_API_DOWN' });
    const closed = await api.serve({ auth: 'on' });
    const refused = await live('bank', { api: { url: closed.url } });
    await expect(goLive({ ...refused, rate: 60, durationMs: 5_000 })).rejects.toMatchObject({ code: 'LF_BANK_API' });
  });
});

async function lastPlanned(bank: TestBank): Promise<{ n: number }> {
  const [row] = await bank.rows('SELECT COUNT(*) AS n FROM transactions WHERE created_at > NOW() - INTERVAL 1 HOUR');
  return { n: Number(row!['n']) };
}
