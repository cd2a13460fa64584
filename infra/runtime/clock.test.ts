import { expect, it } from 'vitest';
import { manualClock, systemClock } from './clock.ts';

it('a manual clock moves only when told to', () => {
  const clock = manualClock(1_000);
  clock.advance(250);
  expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1_250, 250]);
});

it('the system clock does not run backwards', () => {
  const before = systemClock.monotonicMs();
  expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(before);
});
