// What somebody in the seeded world means to do at an instant. Whether it works is the teller's decision, who knows the balances.

import type { Device } from './citizens.ts';

export type MovementType =
  'PURCHASE' | 'DEPOSIT' | 'WITHDRAWAL' | 'TRANSFER' | 'INVEST' | 'REFUND' | 'FEE' | 'CASHBACK' | 'INTEREST' | 'TRADE';

/** Ground truth of a movement that belongs to a fraud; it never reaches the database. */
export interface FraudLabel {
  /** Name of the episode, `F000001` and so on. */
  readonly episode: string;
  readonly typology: string;
  /** What the movement is in its episode: probe, strike, funding … */
  readonly role: string;
}

/**
 * Minor units; or parts per million of what the account has (its limit not counted; of the holding, when something is sold); or the cashback
 * of the months before.
 */
export type Wanted = bigint | { readonly ppm: number } | 'cashback';

export interface TradeIntent {
  /** Index into INSTRUMENTS. */
  readonly instrument: number;
  readonly side: 'buy' | 'sell';
}

export interface Intent {
  readonly kind: 'intent';
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Index into World.accounts. */
  readonly account: number;
  readonly type: MovementType;
  readonly amount: Wanted;
  readonly counter?: number;
  readonly shop?: number;
  readonly device?: number;
  readonly channel: 'card' | 'online' | 'wallet' | 'atm' | 'branch' | 'system' | 'transfer';
  readonly description: string;
  /** What happens without enough money: a failed transaction, nothing at all, or a smaller amount. */
  readonly short: 'decline' | 'skip' | 'shrink';
  /** Declined whatever the account has. */
  readonly declined?: true;
  /** Pending at first, then posted or failed after so many milliseconds. */
  readonly hold?: { readonly afterMs: number; readonly posts: boolean };
  /** Returned later, by so many percent. */
  readonly refund?: { readonly afterMs: number; readonly percent: number };
  /** Number of the movement that this one returns. */
  readonly reference?: number;
  readonly trade?: TradeIntent;
  readonly label?: FraudLabel;
  readonly fault?: FaultKind;
  /** When the movement says it happened, if not when it was written (a late or wrong clock). */
  readonly eventAt?: number;
}

/** Labelled faults of single movements. */
export type FaultKind = 'late_arrival' | 'future_event_time' | 'unclassified_merchant' | 'garbled_description';

/** A device that somebody uses from now on. */
export interface DeviceIntent {
  readonly kind: 'device';
  readonly at: number;
  /** Index of the device, counted on from World.devices. */
  readonly device: number;
  readonly plan: Device;
  readonly label?: FraudLabel;
}

/** A pending movement's end. */
export interface EndOfHold {
  readonly kind: 'end of hold';
  readonly at: number;
  readonly of: number;
  readonly posts: boolean;
}

export type Planned = Intent | DeviceIntent | EndOfHold;
