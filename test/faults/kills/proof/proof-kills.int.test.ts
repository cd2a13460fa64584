// What commands ask for, killed in the middle and asked for again; and the same with a bug planted, which the judge must find.

import { expect, it } from 'vitest';
import { proofSeries } from './series.ts';

const MINUTE = 60_000;

it(
  'ends a bulk read and a restore as if they had never been killed (long form: npm run faults)',
  async () => {
    const bulk = await proofSeries({ seed: 1, kills: 1, operations: ['bulk'], places: ['bulk.loaded'] });
    const restored = await proofSeries({ seed: 1, kills: 1, operations: ['restore-anew'], places: ['restore.placed'] });
    for (const { violations, kills } of [bulk, restored]) expect({ violations, kills }).toEqual({ violations: [], kills: 1 });
  },
  5 * MINUTE,
);

it(
  'finds a bulk read that does not look whether a file was loaded before',
  async () => {
    const { violations } = await proofSeries({ seed: 1, kills: 1, operations: ['bulk'], places: ['bulk.loaded'], mutant: 'loaded-twice' });
    expect(violations).toEqual([expect.stringContaining('rows were loaded, MySQL has')]);
  },
  5 * MINUTE,
);
