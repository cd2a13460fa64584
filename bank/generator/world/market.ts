// The market of the seeded world: what can be traded, and a price of each for every trading hour since MARKET_EPOCH_MS. It depends on symbol
// and hour alone, not on the seed, so several worlds in one bank share it. Only + - x / and square roots: equal on every machine. Pure.

import type { Currency } from './citizens.ts';
import { STREAM, streamOf } from './streams.ts';

export interface Instrument {
  readonly symbol: string;
  readonly name: string;
  readonly kind: 'stock' | 'fund' | 'bond' | 'metal';
  readonly currency: Currency;
  /** In units of 0.0001. */
  readonly initial: number;
  /** Expected logarithmic growth, and standard deviation of the logarithmic return, of a year. */
  readonly drift: number;
  readonly volatility: number;
}

/** The rows of bank/schema/015_market.sql (a test holds the two together). */
export const INSTRUMENTS: readonly Instrument[] = [
  { symbol: 'ACME', name: 'Acme Industries', kind: 'stock', currency: 'USD', initial: 1_482_000, drift: 0.07, volatility: 0.28 },
  { symbol: 'BLUE', name: 'Blue Harbour Shipping', kind: 'stock', currency: 'USD', initial: 364_500, drift: 0.05, volatility: 0.34 },
  { symbol: 'CLOUD', name: 'Cloudline Software', kind: 'stock', currency: 'USD', initial: 4_129_000, drift: 0.11, volatility: 0.42 },
  { symbol: 'GRID', name: 'Gridworks Energy', kind: 'stock', currency: 'USD', initial: 711_500, drift: 0.04, volatility: 0.18 },
  { symbol: 'HELIX', name: 'Helix Pharma', kind: 'stock', currency: 'USD', initial: 956_000, drift: 0.06, volatility: 0.37 },
  { symbol: 'WRLD', name: 'World Share Fund', kind: 'fund', currency: 'USD', initial: 1_012_500, drift: 0.065, volatility: 0.15 },
  { symbol: 'USTB', name: 'Treasury Bond Fund', kind: 'bond', currency: 'USD', initial: 984_000, drift: 0.03, volatility: 0.05 },
  { symbol: 'GOLD', name: 'Gold, one gram', kind: 'metal', currency: 'USD', initial: 1_348_000, drift: 0.035, volatility: 0.16 },
  { symbol: 'DECCAN', name: 'Deccan Motors', kind: 'stock', currency: 'INR', initial: 12_405_000, drift: 0.09, volatility: 0.31 },
  { symbol: 'MONSUN', name: 'Monsoon Agro', kind: 'stock', currency: 'INR', initial: 3_187_500, drift: 0.07, volatility: 0.29 },
  { symbol: 'BHARAT', name: 'Bharat Share Fund', kind: 'fund', currency: 'INR', initial: 2_101_000, drift: 0.085, volatility: 0.17 },
];

export const MARKET_EPOCH_MS = Date.UTC(2020, 0, 1);
/** Trading hours of a weekday, UTC; a price stands at the beginning of each. */
export const OPENS_HOUR = 14;
export const HOURS_A_DAY = 8;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const EPOCH_DAY = MARKET_EPOCH_MS / DAY_MS;
const HOURS_A_YEAR = 252 * HOURS_A_DAY;
/** Ticks of the history are below zero, in order of time: the price simulator's own count from 0. */
const TICK_OF_FIRST = -1_000_000_000;

export interface Price {
  readonly instrument: number;
  readonly tick: number;
  /** In units of 0.0001. */
  readonly price: number;
  readonly atMs: number;
}

/** Number of the last price at or before `ms`, from 0 at the epoch; below 0 before it. */
function hourNumber(ms: number): number {
  const day = Math.floor(ms / DAY_MS);
  const since = day - EPOCH_DAY;
  // 1 January 2020 is a Wednesday.
  const weekday = (((since + 2) % 7) + 7) % 7;
  const weekdays = Math.floor((since + 2) / 7) * 5 + Math.min(weekday, 5) - 2;
  const hour = Math.floor((ms - day * DAY_MS) / HOUR_MS) - OPENS_HOUR + 1;
  const today = weekday >= 5 ? 0 : Math.max(0, Math.min(HOURS_A_DAY, hour));
  return weekdays * HOURS_A_DAY + today - 1;
}

function startOfHour(number: number): number {
  const weekdays = Math.floor(number / HOURS_A_DAY) + 2;
  const day = EPOCH_DAY - 2 + Math.floor(weekdays / 5) * 7 + (weekdays % 5);
  return day * DAY_MS + (OPENS_HOUR + (number % HOURS_A_DAY)) * HOUR_MS;
}

/** Is the exchange open? */
export function isTrading(ms: number): boolean {
  const hour = Math.floor(ms / HOUR_MS) - Math.floor(ms / DAY_MS) * 24;
  const weekday = new Date(ms).getUTCDay();
  return weekday >= 1 && weekday <= 5 && hour >= OPENS_HOUR && hour < OPENS_HOUR + HOURS_A_DAY;
}

/** Prices as they were walked: made as far as somebody asked. */
export class Market {
  readonly #series: readonly number[][] = INSTRUMENTS.map(({ initial }) => [initial]);
  readonly #randoms = INSTRUMENTS.map((_, index) => streamOf(0, STREAM.prices, index));

  /** The last price at or before `atMs`. @throws RangeError before the market's epoch */
  priceAt(instrument: number, atMs: number): Price {
    const number = hourNumber(atMs);
    if (number < 0) throw new RangeError(`the market begins ${new Date(MARKET_EPOCH_MS).toISOString()}`);
    return this.#price(instrument, number);
  }

  /** All prices from the last one at or before `fromMs` to the last before `untilMs`, in order of time. */
  *between(fromMs: number, untilMs: number): Generator<Price, void, undefined> {
    const last = hourNumber(untilMs - 1);
    for (let number = Math.max(0, hourNumber(fromMs)); number <= last; number += 1)
      for (let instrument = 0; instrument < INSTRUMENTS.length; instrument += 1) yield this.#price(instrument, number);
  }

  #price(instrument: number, number: number): Price {
    const series = this.#series[instrument]!;
    const { drift, volatility } = INSTRUMENTS[instrument]!;
    const random = this.#randoms[instrument]!;
    for (let next = series.length; next <= number; next += 1) {
      // Twelve uniform numbers less six: nearly normal, without a logarithm or a cosine.
      let normal = -6;
      for (let drawn = 0; drawn < 12; drawn += 1) normal += random.unit();
      const step = drift / HOURS_A_YEAR + (volatility * normal) / Math.sqrt(HOURS_A_YEAR);
      series.push(Math.max(1, Math.round(series[next - 1]! * (1 + step))));
    }
    return { instrument, tick: TICK_OF_FIRST + number, price: series[number]!, atMs: startOfHour(number) };
  }
}
