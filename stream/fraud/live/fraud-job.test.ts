// The live job: alerts once whatever the runs, late movements judged in their place, lists, the guard, and values that a replay gives again.

import { describe, expect, it } from 'vitest';
import { featuresSql, loadFeatures } from '../features.ts';
import { MONEY_CASES } from '../rule-cases-money.testkit.ts';
import { HABIT_CASES } from '../rule-cases.testkit.ts';
import type { FraudRule } from '../rule-file.ts';
import { openScope } from '../scope.ts';
import { ruleNamed, times, type Movement } from '../testkit.ts';
import { FraudStand, FraudWorld } from './job-testkit.ts';
import { readShape } from './live-state.ts';
import { silverTransactionsSql } from './silver.ts';

const ALERTS = `SELECT rule_id, transaction_id, suppressed, withdrawn_commit IS NOT NULL FROM gold.fraud_alerts WHERE rule_id = 'card_testing' ORDER BY 2`;
const probes = times(3, (n) => ({ id: `${n + 1}`, minute: n, amount: 1 }));
const REPLAYED = ['velocity_count', 'card_testing', 'amount_over_history', 'rapid_in_out', 'fan_in', 'circular_flow'].map(ruleNamed);
const TESTING = [ruleNamed('card_testing')];
const strike = { id: '9', minute: 20, amount: 500 };

describe('the fraud job', () => {
  it('alerts once per rule, entity and trigger, however commits fall into runs, and decides by the most severe', async () => {
    const states: unknown[] = [];
    for (const apart of [true, false]) {
      await using stand = await FraudStand.open(TESTING);
      for (const movement of [...probes, strike]) {
        await stand.commit([movement]);
        if (apart) await stand.settle();
      }
      await stand.settle();
      await stand.restart(TESTING);
      await stand.settle();
      expect(await stand.rows(ALERTS)).toEqual([['card_testing', '9', null, false]]);
      expect(await stand.rows('SELECT transaction_id, decision, score, rules FROM gold.fraud_decisions')).toEqual([
        ['9', 'decline', 45, 'card_testing'],
      ]);
      states.push(await stand.rows('SELECT alert_id, explanation, observed, event_ts FROM gold.fraud_alerts ORDER BY 1'), await stand.rows('SELECT * EXCLUDE (commit_id, gtid) FROM gold.fraud_features ORDER BY transaction_id')); // prettier-ignore
    }
    expect(states.slice(0, 2)).toEqual(states.slice(2));
  });

  it('judges again what came before a late movement, and withdraws an alert whose reason is gone', async () => {
    await using stand = await FraudStand.open(TESTING);
    await stand.play([probes[0]!, probes[1]!, strike]);
    expect(await stand.rows(ALERTS)).toEqual([]);
    await stand.play([probes[2]!]);
    expect(await stand.rows(ALERTS)).toEqual([['card_testing', '9', null, false]]);
    await stand.commit([probes[1]!], 'd');
    await stand.settle();
    expect(await stand.rows(ALERTS)).toEqual([['card_testing', '9', null, true]]);
    expect(await stand.rows('SELECT count(*) FROM gold.fraud_decisions')).toEqual([['0']]);
    await stand.play([{ id: '5', minute: 3, amount: 2 }]);
    expect(await stand.rows(ALERTS)).toEqual([['card_testing', '9', null, false]]);
    expect(await stand.rows('SELECT transaction_id FROM gold.fraud_features ORDER BY 1')).toEqual([['1'], ['3'], ['5'], ['9']]);
  });
});

it('runs a shadow version of a rule beside the active one: its alerts are kept and decide nothing', async () => {
  const active = ruleNamed('card_testing');
  const parameters = active.parameters.map((each) => (each.name === 'large_value' ? { ...each, value: 600 } : each));
  const shadow = { ...active, parameters, header: { ...active.header, version: 2, status: 'shadow' as const } };
  await using stand = await FraudStand.open([active, shadow]);
  await stand.play([...probes, strike, { ...strike, id: '10', amount: 700 }]);
  expect(await stand.rows(`SELECT rule_version, mode, transaction_id, notified FROM gold.fraud_alerts ORDER BY 1, 3`)).toEqual([
    ...[[1, 'active', '10', true], [1, 'active', '9', true], [2, 'shadow', '10', false]], // prettier-ignore
  ]);
  expect(await stand.rows('SELECT transaction_id, score, alerts FROM gold.fraud_decisions ORDER BY 1')).toEqual([
    ['10', 45, 1],
    ['9', 45, 1],
  ]);
});

describe('lists and the guard', () => {
  const entry = (list: string, type: string, id: string, more = `NULL, TIMESTAMP '2026-01-01', NULL`): string =>
    `INSERT INTO ops.fraud_lists SELECT 1, '${list}', ${more.split(', ')[0]}, '${type}', '${id}', ${more.split(', ').slice(1).join(', ')}, 'why', 'me', NULL`;
  const told = `SELECT rule_id, transaction_id, decision, suppressed, notified FROM gold.fraud_alerts ORDER BY rule_id, transaction_id`;

  it('keep alerts and tell nobody: allowed, snoozed; a denied merchant blocks', async () => {
    await using stand = await FraudStand.open(TESTING);
    await stand.settle();
    await stand.store.writer.run(entry('snooze', 'customer', '1', `'card_testing', TIMESTAMP '2026-01-01', TIMESTAMP '2026-07-01'`));
    await stand.play([...probes, strike]);
    expect(await stand.rows(told)).toEqual([['card_testing', '9', 'decline', 'snooze', false]]);
    await stand.store.writer.run(entry('allow', 'customer', '2'));
    await stand.store.writer.run(entry('deny', 'merchant', '7'));
    await stand.play([...probes, strike].map((each) => ({ ...each, id: `1${each.id}`, customer_id: 'c2', account_id: 'a2' })));
    await stand.play([{ id: '30', minute: 30, customer_id: 'c3', account_id: 'a3', merchant_id: 'm7' }]);
    expect(await stand.rows(`${told} LIMIT 9`)).toEqual([
      ['card_testing', '19', 'decline', 'allow', false],
      ['card_testing', '9', 'decline', 'snooze', false],
      ['deny_list', '30', 'block', null, true],
    ]);
    expect(await stand.rows('SELECT transaction_id, decision, score, allowed FROM gold.fraud_decisions ORDER BY 1')).toEqual([
      ['19', 'allow', 45, true],
      ['30', 'block', 100, false],
      ['9', 'decline', 45, false],
    ]);
    expect(await stand.rows(`SELECT severity, subject FROM ops.incidents WHERE code = 'LF_FRAUD_ALERTS'`)).toEqual([['page', 'deny_list']]);
  });

  it('throttle a rule gone wild with an incident, and lose none of its alerts', async () => {
    await using stand = await FraudStand.open([ruleNamed('decline_burst')]);
    await stand.play(times(110, (n) => ({ id: `${n + 1}`, minute: n / 10, status: 'failed' })));
    const counts = `SELECT count(*), count(*) FILTER (suppressed = 'throttle'), count(*) FILTER (notified) FROM gold.fraud_alerts`;
    expect(await stand.rows(counts)).toEqual([['106', '6', '100']]);
    expect(await stand.rows('SELECT count(*) FROM gold.fraud_decisions')).toEqual([['100']]);
    const open = `SELECT subject FROM ops.incidents WHERE code = 'LF_FRAUD_RULE_WILD' AND closed_at IS NULL`;
    expect(await stand.rows(open)).toEqual([['decline_burst']]);
    stand.now += 3_600_000;
    await stand.play([{ id: '200', minute: 60 }]);
    expect(await stand.rows(open)).toEqual([]);
  });
});

it('gives the features and alerts that were live in a replay, and by window functions: late movements and all', async () => {
  await using stand = await FraudStand.open(REPLAYED);
  const world = new FraudWorld(7);
  for (let commit = 0; commit < 3; commit += 1) await stand.play(world.movements(24));
  const live = 'SELECT * EXCLUDE (commit_id, gtid) FROM gold.fraud_features ORDER BY transaction_id';
  const alerts = 'SELECT alert_id, rule_id, transaction_id, observed FROM gold.fraud_alerts WHERE withdrawn_commit IS NULL ORDER BY 1';
  const [features, found] = [await stand.rows(live), await stand.rows(alerts)];
  const shape = await readShape(stand.store.writer);
  const range = { shape, where: 'true', entriesWhere: 'true', recordedSince: `TIMESTAMP '2026-01-01'`, position: 0 };
  await openScope(stand.store.writer, {
    transactions: silverTransactionsSql(range),
    triggers: '(SELECT CAST(transaction_id AS VARCHAR) AS transaction_id FROM silver.transactions)',
  });
  const columns = (await stand.store.writer.runAndReadAll('SELECT * EXCLUDE (commit_id, gtid, feature_set) FROM gold.fraud_features LIMIT 0')).columnNames(); // prettier-ignore
  const windowed = `SELECT ${columns.join(', ')} FROM (${featuresSql(loadFeatures(), null)}) ORDER BY transaction_id`;
  expect(await stand.rows(windowed)).toEqual(
    await stand.rows(`SELECT ${columns.join(', ')} FROM gold.fraud_features ORDER BY transaction_id`),
  );
  expect(features).toHaveLength(72);
  expect(found.length).toBeGreaterThan(0);
  await stand.store.writer.run(`DELETE FROM gold.fraud_features; DELETE FROM gold.fraud_alerts; UPDATE ops.jobs SET position = NULL`);
  await stand.restart(REPLAYED);
  await stand.settle();
  expect(await stand.rows(live)).toEqual(features);
  expect(await stand.rows(alerts)).toEqual(found);
});

it.each(['amount_over_history', 'fan_in', 'rapid_in_out'])('finds with screens and priors what is just enough for %s', async (name) => {
  const { fires, trigger } = [...HABIT_CASES, ...MONEY_CASES].find(({ rule }) => rule === name)!;
  await using stand = await FraudStand.open([ruleNamed(name)]);
  await stand.play(fires.map((movement, index) => ({ ...movement, id: `${index + 1}` })));
  const expected = fires.findIndex(({ id }) => id === trigger) + 1;
  expect(await stand.rows('SELECT transaction_id FROM gold.fraud_alerts')).toEqual([[`${expected}`]]);
});

it('refuses ids that are no whole numbers, by name', async () => {
  await using stand = await FraudStand.open(TESTING);
  const changed = ['_rows', '_past'].map((schema) => `ALTER TABLE ${schema}.transactions ALTER customer_id TYPE VARCHAR`).join('; ');
  await stand.store.alter('transactions', changed);
  await expect(stand.play([strike])).rejects.toThrow('LF_FRAUD_IDS: of transactions customer_id is VARCHAR');
});

describe('a bank without a column', () => {
  const without = async (column: string, rules: readonly FraudRule[], movements: readonly Movement[]): Promise<FraudStand> => {
    const stand = await FraudStand.open(rules);
    await stand.commit(movements);
    const dropped = ['_rows', '_past'].map((schema) => `ALTER TABLE ${schema}.transactions DROP COLUMN ${column}`).join('; ');
    await stand.store.alter('transactions', dropped);
    await stand.settle();
    return stand;
  };

  it('takes the account for the customer that is not there', async () => {
    await using stand = await without('customer_id', TESTING, [...probes, strike]);
    expect(await stand.rows('SELECT transaction_id, entity_id FROM gold.fraud_alerts')).toEqual([['9', '1001']]);
    expect(await stand.rows(`SELECT customer_count_1h FROM gold.fraud_features WHERE transaction_id = '9'`)).toEqual([['3']]);
  });

  it('leaves out and names a rule that needs another one', async () => {
    const { header, ...rest } = ruleNamed('decline_burst');
    const rule: FraudRule = { ...rest, header: { ...header, needs: ['customer_id', 'device_id'] } };
    const declined = times(6, (n) => ({ id: `${n + 1}`, minute: n, status: 'failed' }));
    await using stand = await without('device_id', [rule], declined);
    expect(await stand.rows('SELECT count(*) FROM gold.fraud_alerts')).toEqual([['0']]);
    expect(await stand.rows(`SELECT outcome->>'$.notApplicable' FROM ops.job_runs WHERE job = 'fraud'`)).toEqual([['decline_burst']]);
  });
});
