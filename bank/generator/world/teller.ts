// Decides, with the balances at hand, what becomes of each intent: posted, pending, declined, made smaller or dropped.
// Only the teller numbers movements, so a number says how many came before.

import { Cashback } from './cashback.ts';
import type { DeviceAdded, Movement, Resolution, Trade, WorldEvent } from './event.ts';
import type { EndOfHold, Intent, MovementType, Planned } from './intent.ts';
import type { SeededWorld } from './population.ts';
import { Portfolio } from './portfolio.ts';

const CREDITS: ReadonlySet<MovementType> = new Set<MovementType>(['DEPOSIT', 'REFUND', 'CASHBACK', 'INTEREST']);
/** Less than this is not worth a movement (minor units). */
const SMALLEST = 100n;

export class Teller {
  readonly #world: SeededWorld;
  /** Money that may be spent, by account: balance less what is held, the limit not counted. Minor units. */
  readonly #free: bigint[];
  readonly #held = new Map<number, Movement>();
  readonly #cashback: Cashback;
  readonly #portfolio = new Portfolio();
  #next = 0;

  constructor(world: SeededWorld) {
    this.#world = world;
    this.#cashback = new Cashback(world);
    this.#free = world.accounts.map(({ opening }) => opening);
  }

  /** Minor units that `account` could spend now, its limit counted. */
  available(account: number): bigint {
    return this.#free[account]! + this.#world.accounts[account]!.overdraftLimit;
  }

  get movements(): number {
    return this.#next;
  }

  /** What happens, or null; `later` takes what follows from it. */
  apply(planned: Planned, later: (planned: Planned) => void): WorldEvent | null {
    if (planned.kind === 'device') return deviceAdded(planned);
    if (planned.kind === 'end of hold') return this.#endHold(planned);
    return planned.trade === undefined ? this.#move(planned, later) : this.#trade(planned);
  }

  #move(intent: Intent, later: (planned: Planned) => void): Movement | null {
    const credit = CREDITS.has(intent.type);
    const wanted = this.#amountOf(intent);
    const room = this.available(intent.account);
    const amount = !credit && wanted > room && intent.short === 'shrink' && room >= SMALLEST ? room : wanted;
    if (amount <= 0n || (typeof intent.amount !== 'bigint' && amount < SMALLEST)) return null;
    const enough = credit || amount <= room;
    if (!enough && intent.short === 'skip') return null;
    const status = !enough || intent.declined === true ? 'failed' : intent.hold === undefined ? 'posted' : 'pending';
    const reason = status !== 'failed' ? null : enough ? 'do_not_honour' : 'insufficient_funds';
    const movement = this.#number(intent, { amount, status, direction: credit ? 'CREDIT' : 'DEBIT', reason });
    if (status !== 'failed') this.#shift(movement, movement.direction === 'CREDIT' ? amount : -amount);
    if (status === 'posted') this.#cashback.posted(movement, intent.at);
    if (intent.amount === 'cashback') this.#cashback.pay(intent.account, intent.at);
    if (status === 'pending') {
      this.#held.set(movement.n, movement);
      later({ kind: 'end of hold', at: intent.at + intent.hold!.afterMs, of: movement.n, posts: intent.hold!.posts });
    }
    if (status === 'posted' && intent.refund !== undefined) later(refundOf(movement, intent.refund));
    return movement;
  }

  /** Buys for a share of the account's money, or sells a share of what it holds; null when there is too little of it. */
  #trade(intent: Intent): Movement | null {
    const { account, amount, at } = intent;
    const side = intent.trade!.side;
    const wanted = side === 'sell' && typeof amount === 'object' ? BigInt(amount.ppm) : this.#amountOf(intent);
    if (side === 'buy' && wanted < SMALLEST) return null;
    const priced = this.#portfolio.price(intent.trade!, account, wanted, at);
    if (priced === null) return null;
    const { trade, cash } = priced;
    const movement = this.#number(
      intent,
      { amount: cash, status: 'posted', direction: side === 'buy' ? 'DEBIT' : 'CREDIT', reason: null },
      trade,
    );
    this.#shift(movement, side === 'buy' ? -cash : cash);
    this.#portfolio.done(trade, account);
    return movement;
  }

  #amountOf({ account, amount: wanted, at }: Intent): bigint {
    if (typeof wanted === 'bigint') return wanted;
    if (wanted === 'cashback') return this.#cashback.owed(account, at);
    const has = this.#free[account]!;
    return has <= 0n ? 0n : (has * BigInt(wanted.ppm)) / 1_000_000n;
  }

  #number(intent: Intent, decided: Pick<Movement, 'amount' | 'status' | 'direction' | 'reason'>, trade: Trade | null = null): Movement {
    const n = this.#next;
    this.#next += 1;
    return {
      kind: 'movement',
      n,
      at: intent.at,
      eventAt: intent.eventAt ?? intent.at,
      account: intent.account,
      counter: intent.counter ?? null,
      type: intent.type,
      ...decided,
      currency: this.#world.accounts[intent.account]!.currency,
      shop: intent.shop ?? null,
      device: intent.device ?? null,
      channel: intent.channel,
      description: intent.description,
      reference: intent.reference ?? null,
      trade,
      card: this.#cardOf(intent),
      label: intent.label ?? null,
      fault: intent.fault ?? null,
    };
  }

  /** Cards pay in shops, on line and at cash machines; rent does not go by card. */
  #cardOf({ type, channel, account, shop }: Intent): number | null {
    const pays = type === 'PURCHASE' ? shop !== undefined && this.#world.directory.shops[shop]!.category !== 'rent' : channel === 'atm';
    return pays ? (this.#world.cardOf.get(account) ?? null) : null;
  }

  #shift({ account, counter, status }: Movement, by: bigint): void {
    this.#free[account] = this.#free[account]! + by;
    // What is pending is reserved at once but not spendable by the other side.
    if (counter !== null && status === 'posted') this.#free[counter] = this.#free[counter]! - by;
  }

  #endHold(end: EndOfHold): Resolution | null {
    const movement = this.#held.get(end.of);
    if (movement === undefined) return null;
    this.#held.delete(end.of);
    if (end.posts) this.#cashback.posted(movement, end.at);
    else this.#free[movement.account] = this.#free[movement.account]! + movement.amount;
    return { kind: 'resolution', at: end.at, of: movement, status: end.posts ? 'posted' : 'failed' };
  }
}

function refundOf(movement: Movement, { afterMs, percent }: NonNullable<Intent['refund']>): Intent {
  const share = (movement.amount * BigInt(percent)) / 100n;
  return {
    kind: 'intent',
    at: movement.at + afterMs,
    account: movement.account,
    type: 'REFUND',
    amount: share > 0n ? share : movement.amount,
    channel: 'online',
    description: `refund ${movement.description}`,
    short: 'skip',
    reference: movement.n,
    ...(movement.shop === null ? {} : { shop: movement.shop }),
    ...(movement.label === null ? {} : { label: { ...movement.label, role: 'refund' } }),
  };
}

function deviceAdded({ at, device, plan, label }: Extract<Planned, { kind: 'device' }>): DeviceAdded {
  return { kind: 'device', at, device, plan, label: label ?? null };
}
