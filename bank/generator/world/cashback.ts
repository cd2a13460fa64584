// Cashback: a share of every purchase by the merchant's category, floored to the minor unit, at most so much a month, taken back by refunds;
// paid the month after. What a refund takes back beyond what is owed is held against the next months.

import type { Movement } from './event.ts';
import type { SeededWorld } from './population.ts';
import { inCurrency } from './citizens.ts';

/** Parts per million of a purchase, by category. */
export const CASHBACK_PPM: Readonly<Record<string, bigint>> = {
  groceries: 10_000n,
  restaurants: 20_000n,
  fuel: 10_000n,
  transport: 5_000n,
  streaming: 10_000n,
  airlines: 30_000n,
  hotels: 30_000n,
};
/** Minor units of a dollar an account and month. */
export const CASHBACK_CAP_US_MINOR = 2_500;

interface Account {
  month: number;
  /** Minor units earned in `month`. */
  current: bigint;
  /** Minor units of months before, not paid yet; may be negative. */
  owed: bigint;
}

export class Cashback {
  readonly #world: SeededWorld;
  readonly #accounts = new Map<number, Account>();

  constructor(world: SeededWorld) {
    this.#world = world;
  }

  /** Takes a purchase that was posted, or a refund. */
  posted(movement: Movement, atMs: number): void {
    const { type, shop, account, amount, currency } = movement;
    if (shop === null || (type !== 'PURCHASE' && type !== 'REFUND')) return;
    const ppm = CASHBACK_PPM[this.#world.directory.shops[shop]!.category];
    if (ppm === undefined) return;
    const found = this.#at(account, monthOf(atMs));
    const share = (amount * ppm) / 1_000_000n;
    const cap = inCurrency(currency, CASHBACK_CAP_US_MINOR);
    const sum = found.current + (type === 'PURCHASE' ? share : -share);
    found.current = sum > cap ? cap : sum;
  }

  /** Minor units of the months before that of `atMs`. */
  owed(account: number, atMs: number): bigint {
    return this.#at(account, monthOf(atMs)).owed;
  }

  pay(account: number, atMs: number): void {
    this.#at(account, monthOf(atMs)).owed = 0n;
  }

  #at(account: number, month: number): Account {
    let found = this.#accounts.get(account);
    if (found === undefined) this.#accounts.set(account, (found = { month, current: 0n, owed: 0n }));
    if (found.month !== month) {
      found.owed += found.current;
      found.current = 0n;
      found.month = month;
    }
    return found;
  }
}

let known = { fromMs: 0, untilMs: 0, month: 0 };

/** Months since 1970-01 in UTC. */
function monthOf(ms: number): number {
  if (ms >= known.fromMs && ms < known.untilMs) return known.month;
  const date = new Date(ms);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  known = { fromMs: Date.UTC(year, month), untilMs: Date.UTC(year, month + 1), month: (year - 1970) * 12 + month };
  return known.month;
}
