// A backtest of the live version over the live range finds exactly the live alerts; other versions and settings are compared with it.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { CASES_DDL } from '../cases/tables.ts';
import { FraudStand } from '../live/job-testkit.ts';
import { loadRules } from '../rule-file.ts';
import { times, type Movement } from '../testkit.ts';
import { backtest } from './backtest.ts';
import { backtestCommands, namedRun } from './commands.ts';

const RANGE = { from: '2026-06-01T00:00:00Z', to: '2026-06-08T00:00:00Z' };
const run = (rule: string, set: Record<string, string> = {}) =>
  namedRun({ name: [rule, ...Object.keys(set)].join(' '), rule, set }, loadRules());

/** Two customers tested for their cards, one of them with a movement that came late; ordinary days beside. */
const movements: Movement[] = [
  ...times(30, (n) => ({
    id: `${100 + n}`,
    minute: 200 * n,
    customer_id: 'c3',
    account_id: 'a3',
    device_id: 'd3',
    merchant_id: `m${1 + (n % 5)}`,
    amount: 20 + n,
  })),
  ...times(3, (n) => ({ id: `${n + 1}`, minute: n, amount: 1 })),
  { id: '9', minute: 20, amount: 500 },
  ...times(4, (n) => ({ id: `${20 + n}`, minute: 3_000 + n, customer_id: 'c2', account_id: 'a2', device_id: 'd2', amount: 1 })),
  { id: '29', minute: 3_020, customer_id: 'c2', account_id: 'a2', device_id: 'd2', amount: 700 },
];
const late: Movement = { id: '4', minute: 5, amount: 2 };

let stand: FraudStand;
beforeAll(async () => {
  stand = await FraudStand.open();
  for (let at = 0; at < movements.length; at += 14) await stand.play(movements.slice(at, at + 14));
  await stand.play([late]);
  await stand.store.writer.run(CASES_DDL);
}, 60_000);
afterAll(async () => stand?.[Symbol.asyncDispose]());

it('of every live rule over the live range gives the live alerts, no more and no less', async () => {
  const live = await stand.rows(
    `SELECT rule_id, count(*)::INTEGER FROM gold.fraud_alerts WHERE withdrawn_commit IS NULL AND mode = 'active' GROUP BY 1 ORDER BY 1`,
  );
  expect(live).toContainEqual(['card_testing', 2]);
  const runs = loadRules().filter(({ header }) => header.status === 'active').map(({ header }) => run(header.rule)); // prettier-ignore
  const { lines } = await backtest(stand.store.writer, { ...RANGE, runs });
  expect(lines.filter(({ onlyLive, onlyBacktest }) => onlyLive + onlyBacktest > 0)).toEqual([]);
  expect(lines.filter(({ alerts }) => alerts > 0).map(({ rule, alerts }) => [rule, alerts])).toEqual(live);
  expect(await stand.rows(`SELECT table_name FROM duckdb_tables() WHERE temporary AND table_name LIKE 'backtest%'`)).toEqual([]);
});

it('warms windows up with what was before the range', async () => {
  // the small payments are before the range, the large one in it
  const request = { from: '2026-06-01T12:15:00Z', to: '2026-06-01T13:00:00Z', runs: [run('card_testing')] };
  const { lines, transactions } = await backtest(stand.store.writer, request);
  expect([transactions, lines[0]?.alerts, lines[0]?.live, lines[0]?.onlyLive]).toEqual([1, 1, 1, 0]);
  await expect(backtest(stand.store.writer, { ...request, from: '2020-01-01T00:00:00Z', to: '2020-02-01T00:00:00Z' })).rejects.toThrow(
    'there is no movement',
  );
});

it('compares settings with the first line, and measures against confirmed cases', async () => {
  await stand.store.writer
    .run(`INSERT INTO ops.fraud_alert_events SELECT alert_id, 1, 'ann', now(), 'close', 'acknowledged', 'closed', 'confirmed', 'ann', NULL
    FROM gold.fraud_alerts WHERE transaction_id = '29' AND rule_id = 'card_testing'`);
  const [command] = backtestCommands(() => stand.store.instance.connect(), loadRules());
  const body = {
    ...RANGE,
    runs: [
      { name: 'now', rule: 'card_testing' },
      { name: 'larger', rule: 'card_testing', set: { large_value: '600' } },
    ],
  };
  const { lines } = (await command!.handle(body)) as Awaited<ReturnType<typeof backtest>>;
  expect(lines.map(({ name, alerts, more, fewer, measure }) => [name, alerts, more, fewer, measure?.precision, measure?.recall])).toEqual([
    ['now', 2, 0, 0, 0.5, 1],
    ['larger', 1, 0, 1, 1, 1],
  ]);
  await expect(command!.handle({ ...body, runs: [{ name: 'x', rule: 'nothing' }] })).rejects.toThrow('there is no rule nothing');
  await expect(command!.handle({ ...body, runs: [{ name: 'x', rule: 'card_testing', set: { speed: '1' } }] })).rejects.toThrow(
    'card_testing has no parameter speed',
  );
});
