// Decides, with the balances at hand, what becomes of each intent: posted, pending, declined, made smaller or dropped.
// Only the teller numbers movements, so a number says how many came before.

import type { DeviceAdded, Movement, Resolution, WorldEvent } from './event.ts';
import type { EndOfHold, Intent, MovementType, Planned, Wanted } from './intent.ts';
import type { SeededWorld } from './population.ts';

const CREDITS: ReadonlySet<MovementType> = new Set<MovementType>(['DEPOSIT', 'REFUND', 'CASHBACK', 'INTEREST']);
/** Less than this is not worth a movement (minor units). */
const SMALLEST = 100n;

export class Teller {
  readonly #world: SeededWorld;
  /** Money that may be spent, by account: balance less what is held, the limit not counted. Minor units. */
  readonly #free: bigint[];
  readonly #held = new Map<number, Movement>();
  #next = 0;

  constructor(world: SeededWorld) {
    this.#world = world;
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
    return this.#move(planned, later);
  }

  #move(intent: Intent, later: (planned: Planned) => void): Movement | null {
    const credit = CREDITS.has(intent.type);
    const wanted = this.#amountOf(intent.account, intent.amount);
    const room = this.available(intent.account);
    const amount = !credit && wanted > room && intent.short === 'shrink' && room >= SMALLEST ? room : wanted;
    if (amount <= 0n || (typeof intent.amount !== 'bigint' && amount < SMALLEST)) return null;
    const enough = credit || amount <= room;
    if (!enough && intent.short === 'skip') return null;
    const status = !enough || intent.declined === true ? 'failed' : intent.hold === undefined ? 'posted' : 'pending';
    const movement = this.#number(intent, { amount, status, direction: credit ? 'CREDIT' : 'DEBIT' });
    if (status !== 'failed') this.#shift(movement, movement.direction === 'CREDIT' ? amount : -amount);
    if (status === 'pending') {
      this.#held.set(movement.n, movement);
      later({ kind: 'end of hold', at: intent.at + intent.hold!.afterMs, of: movement.n, posts: intent.hold!.posts });
    }
    if (status === 'posted' && intent.refund !== undefined) later(refundOf(movement, intent.refund));
    return movement;
  }

  #amountOf(account: number, wanted: Wanted): bigint {
    if (typeof wanted === 'bigint') return wanted;
    const has = this.#free[account]!;
    if (wanted === 'owed') return has < 0n ? -has : 0n;
    return has <= 0n ? 0n : (has * BigInt(wanted.ppm)) / 1_000_000n;
  }

  #number(intent: Intent, decided: Pick<Movement, 'amount' | 'status' | 'direction'>): Movement {
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
      trade: intent.trade ?? null,
      label: intent.label ?? null,
      fault: intent.fault ?? null,
    };
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
    if (!end.posts) this.#free[movement.account] = this.#free[movement.account]! + movement.amount;
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
