import { expect, it } from 'vitest';
import { killSeries } from './series.ts';

const MINUTE = 60_000;

it(
  'survives kills at named points of commit, publication, compaction and catalog copy (long form: npm run faults)',
  async () => {
    const result = await killSeries({ seed: 7, kills: 8, transactions: 900 });
    expect(result.violations).toEqual([]);
    expect(result.kills).toBeGreaterThanOrEqual(8);
  },
  10 * MINUTE,
);
