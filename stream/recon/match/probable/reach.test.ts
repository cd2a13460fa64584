// Which days partners lie apart, learnt from lags alone.

import { describe, expect, it } from 'vitest';
import { windowOf } from './reach.ts';

const WIDE = { beforeDays: 45, afterDays: 45 };
const chance = new Map(Array.from({ length: 91 }, (_, at) => [at - 45, 2] as const));

describe('the window that lags tell', () => {
  it('holds the days that stand out, and some to spare on either side', () => {
    const counts = new Map([...chance, [1, 500], [2, 300], [9, 20]]);
    expect(windowOf(counts, WIDE)).toEqual({ beforeDays: 6, afterDays: 16 });
  });

  it('is never wider than that of the rules', () => {
    expect(windowOf(new Map([[0, 400], [3, 100]]), { beforeDays: 0, afterDays: 5 })).toEqual({ beforeDays: 0, afterDays: 5 }); // prettier-ignore
  });

  it('stays as it is with few amounts, and where no day stands out', () => {
    expect(windowOf(new Map([[1, 50]]), WIDE)).toEqual(WIDE);
    expect(windowOf(new Map([...chance].map(([day]) => [day, 10])), WIDE)).toEqual(WIDE);
  });
});
