// Every number of the table, counted by hand on a dozen transactions.

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cardPrecision } from './card-precision.ts';
import { measure, type Measures } from './measure.ts';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
let measured: Measures;

/** Ten transactions an hour apart, of customers A (1 to 5) and B (6 to 10); 2, 3 and 4 are episode e1, 9 is e2. Amounts are 10 times the number. */
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
  await connection.run(`
    CREATE TABLE fraud_transactions AS SELECT n::VARCHAR AS transaction_id, TIMESTAMP '2026-11-01' + to_hours(n) AS event_ts, (10 * n)::DECIMAL(28,8) AS amount, 'XXX' AS currency,
      CASE WHEN n <= 5 THEN 'A' ELSE 'B' END AS customer_id, 'acc' AS account_id FROM range(1, 11) t(n);
    CREATE TABLE fraud_labels AS FROM (VALUES ('2', 'e1', 'velocity'), ('3', 'e1', 'velocity'), ('4', 'e1', 'velocity'), ('9', 'e2', 'mule')) t(transaction_id, episode, typology);
    CREATE TABLE _alerts AS FROM (VALUES ('fast', '3', 40, true), ('fast', '4', 40, true), ('fast', '7', 40, true), ('big', '4', 30, true), ('big', '10', 30, true), ('big', '2', 30, false), ('big', 'gone', 30, false)) t(rule, transaction_id, score, is_trigger)`);
  measured = await measure(connection);
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

it('measures a rule', () => {
  expect(measured.rules.find(({ rule }) => rule === 'fast')).toEqual({
    ...{
      rule: 'fast',
      alerts: 3,
      alertsPerDay: 3,
      flagged: 3,
      precision: 2 / 3,
      recall: 2 / 4,
      f1: expect.closeTo(4 / 7, 12),
      triggerPrecision: 2 / 3,
      triggerRecall: 2 / 4,
      episodeRecall: 1 / 2,
    },
    // B is compromised on that day too, by 9; 30 and 40 of 20 + 30 + 40 + 90
    ...{ valueCaught: 70 / 180, cardPrecision100: 0.02, cardPrecision100Best: 0.02, delayMinutes: 60, delayMinutesP95: 60 },
  });
});

it('measures all rules together, a transaction once, with what alerts name beside their triggers', () => {
  expect(measured.union).toMatchObject({
    alerts: 5,
    flagged: 5,
    precision: 3 / 5,
    recall: 3 / 4,
    triggerPrecision: 2 / 4,
    triggerRecall: 2 / 4,
    episodeRecall: 1 / 2,
    delayMinutes: 60,
  });
  expect(measured.union.alertsPerDay).toBe(5);
  // ranked by summed score: 4 (70, hit), 3 and 7 (40, one hit of two), 10 and 2 (30, one hit of two)
  expect(measured.averagePrecision).toBeCloseTo((1 * 1 + 1 * (2 / 3) + 1 * (3 / 5)) / 4, 12);
});

it('measures each typology, and says which rules find it', () => {
  expect(measured.typologies).toEqual([
    {
      typology: 'mule',
      episodes: 1,
      found: 0,
      episodeRecall: 0,
      transactions: 1,
      recall: 0,
      triggerRecall: 0,
      valueCaught: 0,
      delayMinutes: null,
      by: '',
    },
    {
      typology: 'velocity',
      episodes: 1,
      found: 1,
      episodeRecall: 1,
      transactions: 3,
      recall: 1,
      triggerRecall: 2 / 3,
      valueCaught: 70 / 90,
      delayMinutes: 60,
      by: 'big 1, fast 1',
    },
  ]);
});

it('counts a customer for card precision on the first day it is among the hundred, and not again', () => {
  const day = (d: string, holders: readonly string[], score: number) => holders.map((holder) => ({ day: d, holder, score }));
  const many = Array.from({ length: 100 }, (_, n) => `n${n}`);
  const compromised = new Set(['2026-11-01 x', '2026-11-01 y', '2026-11-02 x', '2026-11-02 y']);
  // day 1: y is the hundred-and-first; day 2: x was found, y is alone
  const scores = [
    ...day('2026-11-01', ['x'], 9),
    ...day('2026-11-01', many, 5).slice(0, 99),
    ...day('2026-11-01', ['y'], 1),
    ...day('2026-11-02', ['x', 'y'], 3),
  ];
  expect(cardPrecision(scores, compromised, 2)).toEqual({ reached: 2 / 200, best: 2 / 200 });
  expect(cardPrecision(day('2026-11-02', ['z'], 3), compromised, 2)).toEqual({ reached: 0, best: 2 / 200 });
});
