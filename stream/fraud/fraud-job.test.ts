// The live job: alerts once whatever the runs, late movements judged in their place, lists, the guard, and values that a replay gives again.

import { describe, expect, it } from 'vitest';
import { FraudStand } from './job-testkit.ts';
import { times } from './testkit.ts';

const ALERTS = `SELECT rule_id, transaction_id, suppressed, withdrawn_commit IS NOT NULL FROM gold.fraud_alerts WHERE rule_id = 'card_testing' ORDER BY 2`;
const probes = times(3, (n) => ({ id: `${n + 1}`, minute: n, amount: 1 }));
const strike = { id: '9', minute: 20, amount: 500 };

describe('the fraud job', () => {
  it('alerts once per rule, entity and trigger, however commits fall into runs, and decides by the most severe', async () => {
    const states: unknown[] = [];
    for (const apart of [true, false]) {
      await using stand = await FraudStand.open();
      for (const movement of [...probes, strike]) {
        await stand.commit([movement]);
        if (apart) await stand.settle();
      }
      await stand.settle();
      await stand.restart();
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
    await using stand = await FraudStand.open();
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
