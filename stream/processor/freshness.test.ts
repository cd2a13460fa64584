import { describe, expect, it } from 'vitest';
import { Freshness } from './freshness.ts';

describe('freshness', () => {
  it('is unknown until a beat has reached gold', () => {
    expect(new Freshness(1_000).value(5)).toBeNull();
  });

  it('is the time the last beat took', () => {
    const freshness = new Freshness(1_000);
    freshness.seen(10_000, 10_040);
    expect(freshness.value(10_500)).toBe(40);
  });

  it('grows when the next beat is overdue', () => {
    const freshness = new Freshness(1_000);
    freshness.seen(10_000, 10_040);
    expect(freshness.value(14_000)).toBe(3_000);
  });

  it('ignores a beat that is older than the last', () => {
    const freshness = new Freshness(1_000);
    freshness.seen(10_000, 10_040);
    freshness.seen(9_000, 10_050);
    expect(freshness.value(10_100)).toBe(40);
  });
});
