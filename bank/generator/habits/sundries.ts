// The rest of a day: cash, paying friends, trading, and now and then a new phone.

import { DEVICE_KINDS } from '../catalogue.ts';
import type { Random } from '../random.ts';
import { fingerprintOf, inCurrency, type Citizen, type Device } from '../world/citizens.ts';
import type { Intent } from '../world/intent.ts';
import type { SeededWorld } from '../world/population.ts';
import { between, type LocalDay } from './clock.ts';

const CASH_CHANCE = 0.06;
const CASH_IN_CHANCE = 0.008;
const FRIEND_CHANCE = 0.05;
const NEW_PHONE_CHANCE = 0.0012;
const FRIENDS = 5;

export function cash(random: Random, citizen: Citizen, day: LocalDay): Intent[] {
  const { checking, currency } = citizen;
  if (random.chance(CASH_CHANCE)) {
    const amount = inCurrency(currency, random.int(1, 15) * 2_000);
    const drawn: Intent = {
      kind: 'intent', at: between(random, day, 8, 22), account: checking, type: 'WITHDRAWAL', amount, channel: 'atm', description: 'cash withdrawal', short: 'decline',
    }; // prettier-ignore
    if (!random.chance(0.15)) return [drawn];
    return [
      drawn,
      {
        ...drawn,
        at: drawn.at + 1_000,
        type: 'FEE',
        amount: inCurrency(currency, 250),
        channel: 'system',
        description: 'foreign atm fee',
        short: 'skip',
      },
    ];
  }
  if (!random.chance(CASH_IN_CHANCE)) return [];
  const amount = inCurrency(currency, random.int(2, 80) * 1_000);
  return [
    {
      kind: 'intent',
      at: between(random, day, 9, 17),
      account: checking,
      type: 'DEPOSIT',
      amount,
      channel: 'branch',
      description: 'cash deposit',
      short: 'skip',
    },
  ];
}

/** Friends are the same few people of the customer's community. */
export function friends(random: Random, citizen: Citizen, day: LocalDay, world: SeededWorld): Intent[] {
  if (!random.chance(FRIEND_CHANCE)) return [];
  const friend = world.citizens[citizen.index + world.communities * random.int(1, FRIENDS)];
  if (friend === undefined || friend.currency !== citizen.currency || friend.dormant) return [];
  const amount = inCurrency(citizen.currency, random.int(500, 9_000));
  return [
    {
      kind: 'intent', at: between(random, day, 9, 23), account: citizen.checking, counter: friend.checking, type: 'TRANSFER', amount,
      device: citizen.devices[0]!, channel: 'wallet', description: random.pick(['dinner', 'thanks', 'tickets', 'gift']), short: 'skip',
    },
  ]; // prettier-ignore
}

/** The phone a customer buys today, if any: new devices are not a fraud by themselves. */
export function newPhone(random: Random, citizen: Citizen): Device | null {
  if (!random.chance(NEW_PHONE_CHANCE)) return null;
  return { customer: citizen.index, ...random.pick(DEVICE_KINDS), fingerprint: fingerprintOf(random) };
}
