// Any history, any interleaving of partitions, Connect and the processor killed anywhere: every cut is a prefix of whole transactions.
// A failure prints fast-check's seed and the smallest case; docs/adr/0002 says how to repeat it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Staging } from './staging.ts';
import { wholeTransactionsInOrder } from './testing/property.ts';

const RUNS = 1_500;

describe('the cut under any history and schedule', () => {
  it('takes whole transactions in order, each new event once, and leaves nothing behind', () => {
    let cuts = 0;
    let restarts = 0;
    const property = wholeTransactionsInOrder({ Staging }, (processor) => {
      cuts += processor.cuts;
      restarts += processor.restarts;
    });
    fc.assert(property, { numRuns: RUNS });
    expect(cuts).toBeGreaterThan(5 * RUNS);
    expect(restarts).toBeGreaterThan(2 * RUNS);
  });
});
