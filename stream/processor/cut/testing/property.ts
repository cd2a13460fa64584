// The property that the cut must have, for any implementation of Staging.

import fc from 'fast-check';
import { Broker, type Kill } from './broker.ts';
import { History } from './history.ts';
import { Processor, type Rules } from './processor.ts';
import { Random } from './random.ts';
import { steps } from './steps.ts';

const kills: fc.Arbitrary<Kill[]> = fc.array(
  fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), lostMax: fc.nat({ max: 6 }), again: fc.nat({ max: 30 }) }),
  { maxLength: 4 },
);

/** Numbers before the first streamed transaction: the decimal length changes on the way from 7, 99 and 997. */
const BASES = [0, 7, 99, 997];

/** @param ran called with each finished run */
export function wholeTransactionsInOrder(rules: Rules, ran: (processor: Processor) => void = () => undefined) {
  return fc.property(steps, kills, fc.nat(), fc.integer({ min: 0, max: 400 }), (plan, connectKills, seed, actions) => {
    const random = new Random(seed);
    const history = new History(plan, random.pick(BASES));
    const processor = new Processor(history, new Broker(history, connectKills, random), random, rules);
    processor.run(actions);
    ran(processor);
  });
}
