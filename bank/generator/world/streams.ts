// Independent random sequences of one seed, one for each thing that is decided (a customer's day, an episode …): so the order in which
// things are decided, and how many at a time, cannot change what is decided.

import { createRandom, type Random } from '../random.ts';

/** The sequence that belongs to `parts` under `seed`, the same wherever and whenever it is asked for. */
export function streamOf(seed: number, ...parts: readonly number[]): Random {
  let low = 0x9e3779b9 | 0;
  let high = 0x85ebca6b | 0;
  for (const part of parts) {
    low = Math.imul(low ^ part, 0x2c1b3c6d);
    low ^= low >>> 15;
    high = Math.imul(high + part, 0x297a2d39) ^ low;
    high ^= high >>> 13;
  }
  const seedLow = (seed ^ high) >>> 0;
  const seedHigh = Math.trunc(seed / 4_294_967_296) & 0xf_ffff;
  return createRandom(seedLow + seedHigh * 4_294_967_296, low);
}

/** Names of the streams, so that two purposes never share one. */
export const STREAM = {
  citizen: 1,
  day: 2,
  shops: 3,
  episodes: 4,
  episode: 5,
  teller: 6,
  month: 7,
  faults: 8,
  prices: 9,
  statements: 10,
} as const;

const TRIALS = 12;

/** How often something happens that happens `mean` times on average (binomial; multiplication only, so equal on every machine). */
export function countOf(random: Random, mean: number): number {
  const whole = Math.floor(mean / TRIALS);
  const chance = (mean - whole * TRIALS) / TRIALS;
  let count = 0;
  for (let trial = 0; trial < TRIALS; trial += 1) if (random.unit() < chance) count += 1;
  for (let more = 0; more < whole * TRIALS; more += 1) if (random.unit() < 0.98) count += 1;
  return count;
}

/** Index into `weights`, chosen in proportion to them. */
export function weighted(random: Random, weights: readonly number[]): number {
  let total = 0;
  for (const weight of weights) total += weight;
  let left = random.unit() * total;
  for (let index = 0; index < weights.length; index += 1) {
    left -= weights[index]!;
    if (left < 0) return index;
  }
  return weights.length - 1;
}
