// What happens in the seeded world, in order. The same seed and span give the same events, and the same text of them, byte for byte.

import type { Currency, Device } from './citizens.ts';
import type { FaultKind, FraudLabel, Intent, MovementType, TradeIntent } from './intent.ts';

export interface Trade extends TradeIntent {
  /** In units of 0.0001. */
  readonly quantity: bigint;
  /** Of one unit, in units of 0.0001 of the currency. */
  readonly price: bigint;
  /** Tick of the price in market_prices. */
  readonly tick: number;
}

export interface Movement {
  readonly kind: 'movement';
  /** Number of the movement, from 0, without gaps. */
  readonly n: number;
  /** When it is written, milliseconds since 1970; never before the event before it. */
  readonly at: number;
  readonly eventAt: number;
  /** Index into World.accounts, as `counter`; null: a house account. */
  readonly account: number;
  readonly counter: number | null;
  readonly type: MovementType;
  readonly direction: 'CREDIT' | 'DEBIT';
  /** Minor units, positive. */
  readonly amount: bigint;
  readonly currency: Currency;
  readonly status: 'posted' | 'pending' | 'failed';
  readonly shop: number | null;
  readonly device: number | null;
  readonly channel: Intent['channel'];
  readonly description: string;
  /** `n` of the movement that this one returns. */
  readonly reference: number | null;
  readonly trade: Trade | null;
  /** Index into SeededWorld.cards: what a purchase or cash was paid with. */
  readonly card: number | null;
  /** Why it failed. */
  readonly reason: 'insufficient_funds' | 'do_not_honour' | null;
  readonly label: FraudLabel | null;
  readonly fault: FaultKind | null;
}

/** The end of a pending movement. */
export interface Resolution {
  readonly kind: 'resolution';
  readonly at: number;
  readonly of: Movement;
  readonly status: 'posted' | 'failed';
}

export interface DeviceAdded {
  readonly kind: 'device';
  readonly at: number;
  readonly device: number;
  readonly plan: Device;
  readonly label: FraudLabel | null;
}

export type WorldEvent = Movement | Resolution | DeviceAdded;

/** One line of text that says all of an event; equal worlds have equal lines. */
export function eventText(event: WorldEvent): string {
  const plain = event.kind === 'resolution' ? { ...event, of: event.of.n } : event;
  return JSON.stringify(plain, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
