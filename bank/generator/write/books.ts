// The bank's books while history is written: posted balance and number of entries of every account, so that each entry can say both.

import type { Movement } from '../world/event.ts';
import { INSTRUMENTS } from '../world/market.ts';
import type { SeededWorld } from '../world/population.ts';

/** What a posting leaves behind on one account. */
export interface Posting {
  readonly account: number;
  readonly direction: 'CREDIT' | 'DEBIT';
  /** Minor units. */
  readonly balance: bigint;
  readonly sequence: number;
}

export class Books {
  readonly #balances: bigint[];
  readonly #sequences: number[];
  /** Quantity in units of 0.0001 by account and instrument. */
  readonly #quantities = new Map<number, bigint>();

  /** An account opened with money has its opening entry. */
  constructor(world: SeededWorld) {
    this.#balances = world.accounts.map(({ opening }) => opening);
    this.#sequences = world.accounts.map(({ opening }) => (opening === 0n ? 0 : 1));
  }

  /** Posts a movement: one posting, or two between customers' accounts (own account first). */
  post({ account, counter, direction, amount }: Movement): readonly Posting[] {
    const own = this.#step(account, direction, amount);
    return counter === null ? [own] : [own, this.#step(counter, direction === 'CREDIT' ? 'DEBIT' : 'CREDIT', amount)];
  }

  /** Books a trade; answers the number of its holding. */
  trade({ account, trade }: Movement): number {
    const { instrument, side, quantity } = trade!;
    const holding = account * INSTRUMENTS.length + instrument;
    this.#quantities.set(holding, this.quantity(holding) + (side === 'buy' ? quantity : -quantity));
    return holding;
  }

  quantity(holding: number): bigint {
    return this.#quantities.get(holding) ?? 0n;
  }

  balance(account: number): bigint {
    return this.#balances[account]!;
  }

  sequence(account: number): number {
    return this.#sequences[account]!;
  }

  #step(account: number, direction: 'CREDIT' | 'DEBIT', amount: bigint): Posting {
    const balance = this.#balances[account]! + (direction === 'CREDIT' ? amount : -amount);
    const sequence = this.#sequences[account]! + 1;
    this.#balances[account] = balance;
    this.#sequences[account] = sequence;
    return { account, direction, balance, sequence };
  }
}
