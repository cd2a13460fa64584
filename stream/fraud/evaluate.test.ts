// One runner of rules: headers are checked, parameters are set, ids do not depend on when a rule runs, what cannot be judged is said.

import { describe, expect, it } from 'vitest';
import { loadRules, lookbackMinutes, parseRule } from './rule-file.ts';
import { RuleStand, ruleNamed, times } from './testkit.ts';

const FILE = `-- rule: sample
-- version: 3
-- status: draft
-- severity: low
-- score: 5
-- entity: customer
-- needs: customer_id
-- windows: window_hours, habit_days
-- when: amount > 0
-- description: A rule for this test, with two windows.
-- explanation: {count} of {limit} in {window_hours} hours, {nothing}
-- param window_hours integer = 2: the window
-- param habit_days integer = 1: the habit
-- param limit number = 1.5: the limit
SELECT customer_id AS entity_id, transaction_id AS trigger_id, {'count': n, 'nothing': NULL} AS observed
FROM (SELECT *, count(*) OVER (PARTITION BY customer_id ORDER BY tick $until(window_hours)) AS n FROM fraud_transactions) WHERE is_trigger AND n > $limit AND $habit_days > 0`;

describe('rule files', () => {
  it('are all valid, and say how far they look back', () => {
    const rules = loadRules();
    expect(rules.length).toBeGreaterThanOrEqual(20);
    expect(new Set(rules.map(({ header }) => header.rule)).size).toBe(rules.length);
    expect(lookbackMinutes(parseRule('sample', FILE))).toBe(2 * 60 + 1_440);
    expect(lookbackMinutes(parseRule('sample', FILE), new Map([['window_hours', 5]]))).toBe(5 * 60 + 1_440);
  });

  it.each([
    ['-- severity: low', '-- severity: huge', 'severity'],
    ['-- score: 5', '-- score: 101', 'score'],
    ['-- rule: sample', '-- rule: other', 'its name and its file name differ'],
    ['$limit', '$limits', '$limits is not declared'],
    [' AND $habit_days > 0', '', ''],
    ['-- windows: window_hours', '-- windows: window_days', 'window_days is not a parameter'],
    ['-- needs: customer_id', '-- needs: shoe_size', 'needs'],
  ])('with %s as %s are refused', (from, to, problem) => {
    const text = FILE.replace(from, to);
    if (problem === '') expect(parseRule('sample', text).parameters).toHaveLength(3);
    else expect(() => parseRule('sample', text)).toThrow(problem);
  });
});

describe('evaluate', () => {
  const rule = parseRule('sample', FILE);
  const pair = times(2, (n) => ({ id: `t${n}`, minute: n }));

  it('fills in the explanation and names alerts by rule, version, entity and trigger', async () => {
    await using stand = await RuleStand.open();
    const [alert, ...others] = await stand.alerts(rule, pair);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ trigger: 't1', entity: 'c1', observed: { count: 2 }, explanation: '2 of 1.5 in 2 hours, none' });
    expect((await stand.alerts(rule, [...pair].reverse()))[0]?.alert).toBe(alert?.alert);
    const next = parseRule('sample', FILE.replace('version: 3', 'version: 4'));
    expect((await stand.alerts(next, pair))[0]?.alert).not.toBe(alert?.alert);
  });

  it('takes parameters in place of defaults and refuses unknown ones', async () => {
    await using stand = await RuleStand.open();
    expect(await stand.alerts(rule, pair, { limit: 2 })).toEqual([]);
    await expect(stand.alerts(rule, pair, { limt: 2 })).rejects.toMatchObject({ code: 'LF_FRAUD_PARAMETER' });
  });

  it('keeps windows open at both ends and orders movements of one instant by number', async () => {
    await using stand = await RuleStand.open();
    const at = (minute: number): Promise<unknown[]> =>
      stand.alerts(rule, [
        { id: '1', minute: 0 },
        { id: '2', minute },
      ]);
    expect(await at(120)).toEqual([]);
    expect(await at(119.999)).toHaveLength(1);
    const same = await stand.alerts(rule, [
      { id: '10', minute: 0 },
      { id: '9', minute: 0 },
    ]);
    expect(same.map(({ trigger }) => trigger)).toEqual(['10']);
  });

  it('says which columns a rule lacks instead of being silent', async () => {
    await using stand = await RuleStand.open();
    const travel = ruleNamed('impossible_travel');
    expect((await stand.report(travel, pair)).missing).toEqual(['latitude', 'longitude']);
  });
});
