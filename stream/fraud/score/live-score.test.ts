// A score in the live job: what it raises, with what, how often, and that a replay gives the same.

import { expect, it } from 'vitest';
import { loadFeatures } from '../features.ts';
import { FraudStand, FraudWorld } from '../live/job-testkit.ts';
import { ruleNamed } from '../testkit.ts';
import { liveScore } from './live-score.ts';
import type { Model } from './model.ts';
import { sampleColumns } from './samples.ts';

const RULES = [ruleNamed('velocity_count'), ruleNamed('card_testing')];
const RUNS = RULES.map((rule) => ({ rule }));
const { features } = sampleColumns(RUNS, loadFeatures());
const at = (name: string): number => features.indexOf(name);
const leaf = (value: number) => ({ value });

const NOTHING = { rows: 0, frauds: 0, averagePrecision: 0, averagePrecisionCustomerDays: 0, cardPrecision100: 0, cardPrecision100Best: 0 };

/** Half the odds come from a large amount, half from the customer's movements of the hour before. */
const MODEL: Model = {
  record: {
    ...{ format: 1, trainedAt: '2026-06-01T00:00:00Z', code: 'test', source: 'by hand', featureSet: 'v1', parameters: {} },
    rules: { velocity_count: 1, card_testing: 1 },
    ...{ split: { from: '', calibrate: '', test: '', to: '' }, rows: { train: 0, trainFrauds: 0, calibrate: 0, calibrateFrauds: 0 } },
    metrics: { score: NOTHING, rules: NOTHING, reliability: [] },
  },
  features: [...features],
  forest: {
    base: -3,
    trees: [
      { value: 0, feature: at('value'), threshold: 1_000, missingLeft: true, left: leaf(-1), right: leaf(3) },
      { value: 0, feature: at('customer_count_1h'), threshold: 2, missingLeft: true, left: leaf(-1), right: leaf(2.5) },
    ],
  },
  curve: { slope: 1, offset: 0 },
};
const score = { model: MODEL, minProbability: 0.5 };
const FOUND = `SELECT alert_id, transaction_id, severity, decision, score, explanation, observed FROM gold.fraud_alerts WHERE rule_id = 'score' AND withdrawn_commit IS NULL ORDER BY event_ts, 1`;

it('raises an alert from the probability on, with what moved the odds, and a replay raises the same', async () => {
  await using stand = await FraudStand.open(RULES, score);
  const world = new FraudWorld(11);
  for (let commit = 0; commit < 3; commit += 1) await stand.play(world.movements(20));
  const found = await stand.rows(FOUND);
  expect(found.length).toBeGreaterThan(3);
  expect(found[0]!.slice(2, 6)).toEqual([
    'high',
    'decline',
    92,
    'fraud with probability 0.924 (limit 0.5), because of value +3.0, customer_count_1h +2.5',
  ]);
  expect(JSON.parse(found[0]![6] as string)).toMatchObject({ probability: 0.924142, because: [{ feature: 'value', adds: 3 }, { feature: 'customer_count_1h', adds: 2.5 }] }); // prettier-ignore
  await stand.store.writer.run(`DELETE FROM gold.fraud_features; DELETE FROM gold.fraud_alerts; UPDATE ops.jobs SET position = NULL`);
  await stand.restart(RULES);
  await stand.settle();
  expect(await stand.rows(FOUND)).toEqual(found);
});

it('withdraws an alert when a movement that comes late or goes has changed the odds', async () => {
  await using stand = await FraudStand.open(RULES, score);
  await stand.play([1, 2, 3].map((n) => ({ id: `${n}`, minute: n, amount: n === 3 ? 2_000 : 10 })));
  expect((await stand.rows(FOUND)).map(([, id]) => id)).toEqual(['3']);
  await stand.commit([{ id: '2', minute: 2, amount: 10 }], 'd');
  await stand.settle();
  expect(await stand.rows(FOUND)).toEqual([]);
});

it('refuses a model of other rules or features', () => {
  expect(() => liveScore(score, RUNS.slice(1), loadFeatures())).toThrow('which is not among the rules');
  expect(() => liveScore({ ...score, model: { ...MODEL, features: features.slice(1) } }, RUNS, loadFeatures())).toThrow(
    'it was trained with other features',
  );
});
