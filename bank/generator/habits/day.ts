// One customer's day: everything they mean to do, from (seed, customer, day) alone.

import type { Citizen } from '../world/citizens.ts';
import type { Intent } from '../world/intent.ts';
import type { SeededWorld } from '../world/population.ts';
import { STREAM, streamOf } from '../world/streams.ts';
import { localDay } from './clock.ts';
import { bills, moneyIn, ownMoney } from './income.ts';
import { shopping } from './shopping.ts';
import { cash, friends } from './sundries.ts';
import { trading } from './trading.ts';

/** Intents of day `dayNumber` (days since 1970) of the customer's own calendar, in no order. */
export function planDay(world: SeededWorld, citizen: Citizen, dayNumber: number): Intent[] {
  if (citizen.dormant) return [];
  const random = streamOf(world.seed, STREAM.day, citizen.index, dayNumber);
  const day = localDay(dayNumber, citizen.home);
  return [
    ...moneyIn(random, citizen, day),
    ...bills(random, citizen, day, world),
    ...ownMoney(random, citizen, day),
    ...shopping(random, citizen, day, world),
    ...cash(random, citizen, day),
    ...friends(random, citizen, day, world),
    ...trading(random, citizen, day),
  ];
}
