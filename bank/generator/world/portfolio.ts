// What every account holds of every instrument, and what a trade costs at the price of its instant.

import type { Trade } from './event.ts';
import type { TradeIntent } from './intent.ts';
import { INSTRUMENTS, Market } from './market.ts';

/** Units of quantity (0.0001) times units of price (0.0001) in a minor unit (0.01). */
const PER_MINOR = 1_000_000n;

export class Portfolio {
  readonly #market = new Market();
  /** Quantity by account and instrument. */
  readonly #held = new Map<number, bigint>();

  /**
   * A trade at the price of `atMs`.
   * @param wanted minor units to spend, or parts per million of the holding to sell
   * @returns the trade and its cash in minor units (half to even), or null: too little for a unit of quantity or of money
   */
  price({ instrument, side }: TradeIntent, account: number, wanted: bigint, atMs: number): { trade: Trade; cash: bigint } | null {
    const { price: units, tick } = this.#market.priceAt(instrument, atMs);
    const price = BigInt(units);
    const quantity = side === 'buy' ? (wanted * PER_MINOR) / price : (this.held(account, instrument) * wanted) / 1_000_000n;
    const cash = halfEven(quantity * price, PER_MINOR);
    return quantity > 0n && cash > 0n ? { trade: { instrument, side, quantity, price, tick }, cash } : null;
  }

  /** In units of 0.0001. */
  held(account: number, instrument: number): bigint {
    return this.#held.get(account * INSTRUMENTS.length + instrument) ?? 0n;
  }

  done({ instrument, side, quantity }: Trade, account: number): void {
    const key = account * INSTRUMENTS.length + instrument;
    this.#held.set(key, (this.#held.get(key) ?? 0n) + (side === 'buy' ? quantity : -quantity));
  }
}

/** `value / by`, a half to the even neighbour; both positive. */
function halfEven(value: bigint, by: bigint): bigint {
  const floor = value / by;
  const twice = (value - floor * by) * 2n;
  return twice > by || (twice === by && floor % 2n === 1n) ? floor + 1n : floor;
}
