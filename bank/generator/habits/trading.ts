// Paper trades: now and then a trader puts money of the investment account into something, or sells part of it, while the exchange is open.

import type { Random } from '../random.ts';
import type { Citizen } from '../world/citizens.ts';
import type { Intent } from '../world/intent.ts';
import { HOURS_A_DAY, INSTRUMENTS, isTrading, OPENS_HOUR } from '../world/market.ts';
import { DAY_MS, HOUR_MS, type LocalDay } from './clock.ts';

const TRADE_CHANCE = 0.12;
const BUY_CHANCE = 0.65;

export function trading(random: Random, { investment, currency }: Citizen, day: LocalDay): Intent[] {
  if (investment === null || !random.chance(TRADE_CHANCE)) return [];
  const noon = day.startMs + 12 * HOUR_MS;
  const at = Math.floor(noon / DAY_MS) * DAY_MS + OPENS_HOUR * HOUR_MS + random.int(0, HOURS_A_DAY * HOUR_MS - 1);
  if (!isTrading(at)) return [];
  const listed = [...INSTRUMENTS.keys()].filter((index) => INSTRUMENTS[index]!.currency === currency);
  const instrument = random.pick(listed);
  const side = random.chance(BUY_CHANCE) ? 'buy' : 'sell';
  const amount = { ppm: side === 'buy' ? random.int(100_000, 600_000) : random.pick([250_000, 500_000, 1_000_000]) };
  const description = `${side} ${INSTRUMENTS[instrument]!.symbol}`;
  const trade = { instrument, side } as const;
  return [{ kind: 'intent', at, account: investment, type: 'TRADE', amount, channel: 'online', description, short: 'skip', trade }];
}
