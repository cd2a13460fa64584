// A source that is read continuously, against a real HTTP server: one run per window with something new, nothing twice, back-off with an
// incident, and our movements late only when their day is over.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ReconStand } from './testkit.ts';
import { Windows } from './windows.ts';

interface Entry {
  readonly id: string;
  readonly at: string;
  readonly amount: string;
}

let server: Server;
let asked: string[];
let entries: Entry[];
let isBroken: boolean;

beforeEach(async () => {
  [asked, entries, isBroken] = [[], [], false];
  server = createServer((request, response) => {
    const since = new URL(request.url!, 'http://x').searchParams.get('since') ?? '';
    asked.push(since);
    response.writeHead(isBroken ? 503 : 200, { 'content-type': 'application/json' });
    // The time itself is included, as APIs do it.
    response.end(isBroken ? '{}' : JSON.stringify(entries.filter(({ at }) => at >= since)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

async function started(): Promise<{ stand: ReconStand; windows: Windows }> {
  const stand = await ReconStand.open();
  stand.now = Date.parse('2025-07-13T12:00:00Z');
  const adapter = {
    kind: 'http',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/entries?since={position}`,
    position: { from: 'bookedAt' },
    ...{ allowPrivate: true, requestsPerMinute: 60_000 },
    mapping: { externalId: 'id', bookedAt: 'at', money: { amount: 'amount' }, constants: { currency: 'USD' } },
  };
  stand.file('recon.sources.json', JSON.stringify({ sources: [{ name: 'live', adapter, every: 10 }] }));
  await stand.store.run(`INSERT INTO silver.transactions VALUES
    (1001, 1, NULL, 500.00, 'USD', 'posted', 'DEPOSIT', 'CREDIT', '2025-07-13 09:15:00', ''),
    (1002, 1, NULL, 100.00, 'USD', 'posted', 'WITHDRAWAL', 'DEBIT', '2025-07-13 10:00:00', '')`);
  return { stand, windows: new Windows({ desk: stand.desk, log: pino({ level: 'silent' }) }) };
}

const RUNS = `SELECT run_id, business_date::VARCHAR, trigger, state FROM ops.recon_runs ORDER BY run_id`;
const SUMMARIES = `SELECT exact, breaks, expected, external_rows FROM gold.recon_summary ORDER BY run_id DESC LIMIT 1`;

it('reads what is new in windows, one run each, and keeps nothing twice', async () => {
  const { stand, windows } = await started();
  await using _stand = stand;
  entries.push({ id: '1001', at: '2025-07-13T09:15:00.000Z', amount: '500.00' });
  expect(await windows.step()).toEqual(['live']);
  expect(await stand.rows(SUMMARIES)).toEqual([[1n, 0n, 1n, 1n]]);
  expect(await windows.step()).toEqual([]); // not yet
  for (let window = 0; window < 2; window += 1) {
    stand.now += 10_000;
    expect(await windows.step()).toEqual(['live']);
  }
  expect(await stand.rows(RUNS)).toEqual([[1n, '2025-07-13', 'every', 'succeeded']]); // windows without anything new leave no run
  entries.push({ id: '1002', at: '2025-07-13T10:00:00.000Z', amount: '-100.00' });
  stand.now += 10_000;
  await windows.step();
  expect((await stand.rows(RUNS)).map(([, ...row]) => row)).toEqual(Array.from({ length: 2 }, () => ['2025-07-13', 'every', 'succeeded']));
  expect(await stand.rows(SUMMARIES)).toEqual([[2n, 0n, 0n, 2n]]);
  expect(await stand.rows(`SELECT row_id, count(*) FROM ops.recon_rows WHERE side = 'external' GROUP BY row_id ORDER BY row_id`)).toEqual([
    ['1001', 1n],
    ['1002', 1n],
  ]);
  expect(asked).toEqual(['', ...Array.from({ length: 3 }, () => '2025-07-13T09:15:00.000Z')]);
});

it('comes later and later after failures, with an incident that closes with the next window', async () => {
  const { stand, windows } = await started();
  await using _stand = stand;
  const open = `SELECT count(*) FROM ops.incidents WHERE code = 'LF_RECON_REFUSED' AND closed_at IS NULL`;
  await windows.step();
  isBroken = true;
  const waits: number[] = [];
  for (let failures = 0; failures < 3; failures += 1) {
    let waited = 0;
    do {
      stand.now += 10_000;
      waited += 10;
    } while ((await windows.step()).length === 0);
    waits.push(waited);
  }
  expect(waits).toEqual([10, 20, 40]);
  expect(await stand.rows(open)).toEqual([[1n]]);
  expect((await stand.rows(RUNS)).map(([, , , state]) => state)).toEqual(['succeeded', 'refused', 'refused', 'refused']);
  isBroken = false;
  stand.now += 80_000;
  expect(await windows.step()).toEqual(['live']);
  expect(await stand.rows(open)).toEqual([[0n]]);
  stand.now += 10_000;
  expect(await windows.step()).toEqual(['live']); // at its own pace again
});

it('says that our movement has no line when its day is over', async () => {
  const { stand, windows } = await started();
  await using _stand = stand;
  await windows.step();
  expect(await stand.rows(SUMMARIES)).toEqual([[0n, 0n, 2n, 0n]]);
  stand.now = Date.parse('2025-07-14T00:00:05Z');
  await windows.step();
  expect(await stand.rows(SUMMARIES)).toEqual([[0n, 2n, 0n, 0n]]);
});
