// The simulation is only worth something if it notices a broken pipeline: each of these must fail within so many schedules.

import { describe, expect, it } from 'vitest';
import { loadMutant } from './mutant.ts';
import { MUTATIONS } from './mutations.ts';
import { scheduleOf } from './schedule.ts';

const SCHEDULES_MAX = 2_000;
const TIMEOUT_MS = 180_000;

describe('a broken pipeline is noticed', () => {
  it.each(MUTATIONS)(
    '$name',
    async (mutation) => {
      const runMutant = await loadMutant(mutation);
      let found: string | null = null;
      for (let seed = 1; seed <= SCHEDULES_MAX && found === null; seed += 1) found = (await runMutant(scheduleOf(seed))).violation;
      expect(found).not.toBeNull();
    },
    TIMEOUT_MS,
  );
});
