// Matching without numbers and without labels.

import { describe, expect, it } from 'vitest';
import { Random } from '../../../processor/cut/testing/random.ts';
import { matchRows } from '../engine.ts';
import type { Match } from '../match.ts';
import { ruleSetSchema } from '../rule-set.ts';
import { noisyPayments } from './testkit-payments.ts';

const RULES = ruleSetSchema.parse({
  id: 'noisy',
  version: 1,
  mode: 'probable',
  amount: { below: { percent: '3.5' }, above: { percent: '1.5' } },
  window: { beforeDays: 0, afterDays: 20 },
  timePrecision: 'day',
});

function randomOf(seed: number): () => number {
  const random = new Random(seed);
  return () => random.next();
}

function name({ external, internal }: Match): string {
  return `${external.map(({ id }) => id).join()} ${internal.map(({ id }) => id).join()}`;
}

describe('noisy payments without numbers', () => {
  it.each([11, 12, 13])('seed %d: F1 of at least 0.90 at a precision of at least 0.97', (seed) => {
    const { external, internal, truth } = noisyPayments(1_500, randomOf(seed));
    const { matches, breaks } = matchRows(external, internal, RULES);
    const right = matches.filter((match) => truth.has(name(match))).length;
    const [precision, recall] = [right / matches.length, right / truth.size];
    expect(precision).toBeGreaterThanOrEqual(0.97);
    expect((2 * precision * recall) / (precision + recall)).toBeGreaterThanOrEqual(0.9);
    const rows = [...matches, ...breaks];
    expect(rows.reduce((sum, each) => sum + each.external.length, 0)).toBe(external.length);
    expect(rows.reduce((sum, each) => sum + each.internal.length, 0)).toBe(internal.length);
  });

  it('says what speaks for a pair, in bits', () => {
    const { external, internal } = noisyPayments(300, randomOf(5));
    const [match] = matchRows(external, internal, RULES).matches;
    expect(match?.why).toMatch(/^chance 0\.\d{4}|^chance 1\.0000/);
    expect(match?.why).toMatch(/amount [+-]\d+\.\d\d, date [+-]\d+\.\d\d, reference \+0\.00, description [+-]\d+\.\d\d bits/);
  });

  it('does not depend on the order of rows', () => {
    const { external, internal } = noisyPayments(200, randomOf(6));
    expect(matchRows([...external].reverse(), [...internal].reverse(), RULES)).toEqual(matchRows(external, internal, RULES));
  });
});
