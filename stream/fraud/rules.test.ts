// Every rule: just enough alerts, one step short does not, and a movement that comes late is judged in its place.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HABIT_CASES, type RuleCase } from './rule-cases.testkit.ts';
import { MONEY_CASES } from './rule-cases-money.testkit.ts';
import { loadRules } from './rule-file.ts';
import { ruleNamed, RuleStand, type Movement } from './testkit.ts';

const CASES = [...HABIT_CASES, ...MONEY_CASES];
let stand: RuleStand;

beforeAll(async () => {
  stand = await RuleStand.open();
});
afterAll(() => stand[Symbol.asyncDispose]());

const triggers = async (name: string, movements: readonly Movement[], due?: readonly Movement[]): Promise<string[]> =>
  (await stand.alerts(ruleNamed(name), movements, {}, due)).map(({ trigger }) => trigger);

it('has cases for every rule', () => {
  expect(CASES.map(({ rule }) => rule).sort()).toEqual(loadRules().map(({ header }) => header.rule).sort()); // prettier-ignore
});

it('names the movements that make the condition', async () => {
  const named: Record<string, string> = {};
  for (const { rule, fires } of CASES) {
    const [alert] = await stand.alerts(ruleNamed(rule), fires);
    const { evidence } = alert!.observed;
    if (evidence !== undefined) named[rule] = (evidence as readonly string[]).join(' ');
  }
  expect(named).toEqual({
    ...{ card_testing: 't0 t1 t2', circular_flow: 't0 t1', decline_burst: 't0 t1 t2 t3', duplicate_charge: 't0' },
    ...{ fan_in: 't0 t1 t2 t3', fan_out: 't0 t1 t2 t3', high_risk_merchant: 't0 t1', impossible_travel: 't0' },
    ...{ new_merchant_burst: 't0 t1 t2 t3', off_hours: 't1', rapid_in_out: 't0', refund_ratio: 'r0 r1 r2', round_amounts: 't0 t1 t2' },
    ...{ structuring: 't0 t1', unusual_spree: 't0 t1', velocity_amount: 't0 t1', velocity_count: 't0 t1 t2 t3 t4 t5 t6 t7 t8' },
  });
});

describe.each(CASES.map((each) => [each.rule, each] as const))('%s', (name, { fires, trigger, quiet, late }: RuleCase) => {
  it('alerts on what is just enough, and says why', async () => {
    const [alert, ...others] = await stand.alerts(ruleNamed(name), fires);
    expect(others).toEqual([]);
    expect(alert?.trigger).toBe(trigger);
    expect(alert?.explanation).not.toMatch(/none|\{/);
  });

  it.each(Object.entries(quiet))('is quiet: %s', async (_, movements) => {
    expect(await triggers(name, movements)).toEqual([]);
  });

  it('judges what is behind a late movement again', async () => {
    const comes = typeof late === 'string' ? fires.find(({ id }) => id === late)! : late;
    const first = fires.filter((each) => each !== comes);
    const behind = [comes, ...first.filter(({ minute }) => minute > comes.minute)];
    expect(await triggers(name, first)).toEqual(typeof late === 'string' ? [] : [trigger]);
    expect(await triggers(name, [...first, comes], behind)).toEqual(typeof late === 'string' ? [trigger] : []);
  });
});
