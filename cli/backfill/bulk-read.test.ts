// Ranges of a bulk read: each key is in exactly one.

import { describe, expect, it } from 'vitest';
import { splitRange } from './bulk-read.ts';

describe('ranges of a key', () => {
  it.each([
    [1n, 1n, 1],
    [1n, 1_000_000n, 1_000_000],
    [-5n, 9_223_372_036_854_775_806n, 3_000_000],
    [10n, 12n, 5_000_000],
  ])('from %s to %s adjoin and cover it', (low, high, rows) => {
    const ranges = splitRange('id', [low, high], rows);
    expect([ranges[0]?.from, ranges.at(-1)?.to]).toEqual([low, high + 1n]);
    for (const [index, { from, to }] of ranges.entries()) {
      expect(to > from).toBe(true);
      if (index > 0) expect(from).toBe(ranges[index - 1]?.to);
    }
    expect(ranges.length).toBeLessThanOrEqual(Math.ceil(rows / 200_000));
  });
});
