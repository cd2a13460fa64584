// The price of the next tick: a geometric random walk, exact in decimals, so that the same seed gives the same prices on every machine.
//   S(k+1) = S(k) x exp((drift - volatility^2 / 2) x dt + volatility x sqrt(dt) x Z(k))    Z(k) standard normal (Box-Muller)
// Z depends on seed, symbol and tick alone, so a simulator that stops and starts again goes on with the same series. Pure.

import { createHash } from 'node:crypto';
import { Decimal } from 'decimal.js';

/** Its own constructor: the precision of the whole product's Decimal stays what it is. */
const Exact = Decimal.clone({ precision: 34, rounding: Decimal.ROUND_HALF_EVEN });

export interface Walk {
  readonly symbol: string;
  /** Decimal text, a year. */
  readonly drift: string;
  readonly volatility: string;
}

/** A tick stands for five minutes of a market that is open 390 minutes on 252 days a year, however often it is written. */
export const TICK_YEARS = new Exact(5).div(252 * 390);
export const PRICE_SCALE = 4;
const PRICE_LEAST = new Exact('0.0001');
const TWO_PI = Exact.acos(-1).times(2);

/** Price number `tick` (from 1), from the one before it; decimal text with four digits. */
export function nextPrice(walk: Walk, seed: number, tick: bigint, price: string): string {
  const volatility = new Exact(walk.volatility);
  const trend = new Exact(walk.drift).minus(volatility.pow(2).div(2)).times(TICK_YEARS);
  const shock = volatility.times(TICK_YEARS.sqrt()).times(normal(`${seed} ${walk.symbol} ${tick}`));
  const next = new Exact(price).times(trend.plus(shock).exp()).toDecimalPlaces(PRICE_SCALE, Decimal.ROUND_HALF_EVEN);
  return Exact.max(next, PRICE_LEAST).toFixed(PRICE_SCALE);
}

/** A standard normal number that follows from `key`: two uniform ones from its SHA-256, by Box and Muller. */
export function normal(key: string): Decimal {
  const digest = createHash('sha256').update(key).digest();
  const u = uniform(digest.readBigUInt64BE(0));
  const v = uniform(digest.readBigUInt64BE(8));
  return u.ln().times(-2).sqrt().times(v.times(TWO_PI).cos());
}

/** In (0, 1]: zero has no logarithm. */
function uniform(bits: bigint): Decimal {
  return new Exact((bits + 1n).toString()).div('18446744073709551616');
}
