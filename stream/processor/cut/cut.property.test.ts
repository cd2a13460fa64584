// Any history, any interleaving of partitions, Connect and the processor killed anywhere: every cut is a prefix of whole transactions.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Staging } from './staging.ts';
import { Broker, type Kill } from './testing/broker.ts';
import { History, steps } from './testing/history.ts';
import { Processor } from './testing/processor.ts';
import { Random } from './testing/random.ts';

const RUNS = 20_000;

const kills: fc.Arbitrary<Kill[]> = fc.array(
  fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), lostMax: fc.nat({ max: 6 }), again: fc.nat({ max: 30 }) }),
  { maxLength: 4 },
);

describe('the cut under any history and schedule', () => {
  it('takes whole transactions in order, each new event once, and leaves nothing behind', () => {
    let cuts = 0;
    fc.assert(
      fc.property(steps, kills, fc.nat(), fc.integer({ min: 0, max: 400 }), (plan, connectKills, seed, actions) => {
        const random = new Random(seed);
        const history = new History(plan, random.pick([0, 7, 99]));
        const processor = new Processor(history, new Broker(history, connectKills, random), random, { Staging });
        processor.run(actions);
        cuts += processor.cuts;
      }),
      { numRuns: RUNS },
    );
    expect(cuts).toBeGreaterThan(RUNS);
  });
});
