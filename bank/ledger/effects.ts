// What an accepted command does, as values: postings with their legs, holds, status changes, and the answer's body.

import type { JsonObject } from './json.ts';
import type { Money } from './money.ts';
import { holdingKey, type AccountStatus, type Direction, type Leg, type LedgerState } from './state.ts';

/** A merchant that is registered together with its first movement. */
export interface NewMerchant {
  readonly name: string;
  readonly mcc?: string | undefined;
  readonly category?: string | undefined;
  readonly city?: string | undefined;
  readonly country?: string | undefined;
}

export type MerchantRef = bigint | NewMerchant | null;

/** Two descriptions of one merchant. */
export function merchantKey({ name, mcc, city }: NewMerchant): string {
  return JSON.stringify([name.toLowerCase(), mcc ?? null, city ?? null]);
}

export interface Posting {
  readonly type: string;
  readonly accountId: bigint;
  readonly customerId: bigint;
  readonly counterId: bigint;
  /** Of the account's own entry. */
  readonly direction: Direction;
  readonly amount: Money;
  readonly currency: string;
  /** Leg 1 is the account, leg 2 the counter account. No account twice. */
  readonly legs: readonly Leg[];
  /** `first`: the command's first posting. */
  readonly referenceId: bigint | 'first' | null;
  readonly reversalOf: bigint | null;
  readonly merchantId: MerchantRef;
  readonly deviceId: bigint | null;
  readonly channel: string | null;
  readonly description: string | null;
  /** Business time. */
  readonly effectiveAt: string;
  /** JSON text. */
  readonly metadata: string | null;
}

export interface NewHold {
  readonly accountId: bigint;
  readonly customerId: bigint;
  readonly merchantId: MerchantRef;
  readonly amount: Money;
  readonly currency: string;
  readonly expiresAt: string;
  readonly effectiveAt: string;
  readonly deviceId: bigint | null;
  readonly channel: string | null;
  readonly description: string | null;
  readonly metadata: string | null;
}

export interface HoldResolution {
  readonly holdId: bigint;
  readonly accountId: bigint;
  readonly outcome: 'captured' | 'voided' | 'expired';
  /** The whole hold; all of it is released, and `captured` of it posted. */
  readonly released: Money;
  readonly captured: Money;
}

export interface NewTrade {
  readonly accountId: bigint;
  readonly customerId: bigint;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  /** Hundred-millionths of a unit. */
  readonly quantity: bigint;
  readonly price: Money;
  readonly tick: bigint;
  readonly amount: Money;
  readonly currency: string;
}

export interface StatusChange {
  readonly accountId: bigint;
  readonly from: AccountStatus;
  readonly to: AccountStatus;
  readonly reason: string | null;
}

export interface Effects {
  readonly postings: readonly Posting[];
  readonly hold?: NewHold;
  readonly resolution?: HoldResolution;
  readonly statusChange?: StatusChange;
  /** Its cash leg is the first posting. */
  readonly trade?: NewTrade;
  /** Originals of which `amount` goes back; null: reversed as a whole. */
  readonly returns?: readonly { readonly transactionId: bigint; readonly amount: Money | null }[];
  readonly status: number;
  /** The answer without the ids that the database gives. */
  readonly body: (state: LedgerState) => JsonObject;
}

/** An entry as it is written. */
export interface EntryRow extends Leg {
  readonly currency: string;
  readonly leg: number;
  /** null for house accounts. */
  readonly balanceAfter: Money | null;
  readonly accountSeq: bigint | null;
}

/** Moves the state along one posting and answers its entries. */
export function applyPosting(state: LedgerState, posting: Posting): EntryRow[] {
  return posting.legs.map((leg, index) => {
    const account = state.accounts.get(leg.accountId)!;
    const place = { ...leg, currency: posting.currency, leg: index + 1 };
    if (account.balance === null) return { ...place, balanceAfter: null, accountSeq: null };
    account.balance += leg.direction === 'CREDIT' ? leg.amount : -leg.amount;
    account.entrySeq += 1n;
    return { ...place, balanceAfter: account.balance, accountSeq: account.entrySeq };
  });
}

/** Moves the state along everything else than postings. */
export function applyOthers(state: LedgerState, effects: Effects): void {
  const { hold, resolution, statusChange, trade } = effects;
  if (hold !== undefined) state.accounts.get(hold.accountId)!.held += hold.amount;
  if (resolution !== undefined) {
    state.accounts.get(resolution.accountId)!.held -= resolution.released;
    state.holds.get(resolution.holdId)!.resolution = resolution.outcome;
  }
  if (statusChange !== undefined) state.accounts.get(statusChange.accountId)!.status = statusChange.to;
  if (trade !== undefined) {
    const key = holdingKey(trade.accountId, trade.symbol);
    state.holdings.set(key, (state.holdings.get(key) ?? 0n) + (trade.side === 'buy' ? trade.quantity : -trade.quantity));
  }
  for (const { transactionId, amount } of effects.returns ?? []) {
    const original = state.originals.get(transactionId)!;
    if (amount === null) original.reversed = true;
    else original.returned += amount;
  }
}
