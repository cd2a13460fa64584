// What a decision sees: locked account rows, facts about earlier transactions and holds, reference data and the time. Plain values.

import type { Money } from './money.ts';

export type AccountStatus = 'active' | 'frozen' | 'closed';
export type Direction = 'DEBIT' | 'CREDIT';

export interface AccountRow {
  readonly accountId: bigint;
  readonly customerId: bigint;
  readonly type: string;
  readonly currency: string;
  readonly overdraftLimit: Money;
  /** null for house accounts: they are neither locked nor cached. */
  balance: Money | null;
  held: Money;
  entrySeq: bigint;
  status: AccountStatus;
}

export interface Leg {
  readonly accountId: bigint;
  readonly direction: Direction;
  readonly amount: Money;
}

/** A posted transaction that a command wants to take back. */
export interface OriginalRow {
  readonly transactionId: bigint;
  readonly accountId: bigint;
  readonly customerId: bigint;
  readonly counterId: bigint;
  readonly merchantId: bigint | null;
  readonly type: string;
  readonly status: string;
  readonly direction: Direction;
  readonly amount: Money;
  readonly currency: string;
  /** In the order they were posted. */
  readonly legs: readonly Leg[];
  /** The other transactions of the same exchange, which go back together with it. */
  readonly linked: readonly OriginalRow[];
  /** Refunds and charge-backs so far. */
  returned: Money;
  reversed: boolean;
}

export interface HoldRow {
  readonly holdId: bigint;
  readonly accountId: bigint;
  readonly customerId: bigint;
  readonly merchantId: bigint | null;
  readonly amount: Money;
  readonly currency: string;
  /** `YYYY-MM-DD hh:mm:ss.ffffff`, UTC, like every time here: compared as text. */
  readonly expiresAt: string;
  resolution: string | null;
}

export interface CurrencyRow {
  readonly code: string;
  /** Fraction digits. */
  readonly digits: number;
  /** House accounts are houseBase + role. */
  readonly houseBase: bigint;
}

/** An instrument and its last market price. */
export interface QuoteRow {
  readonly symbol: string;
  readonly currency: string;
  readonly enabled: boolean;
  /** null: none has been published. */
  readonly price: Money | null;
  readonly tick: bigint | null;
}

/** Key of a holding in LedgerState.holdings. */
export function holdingKey(accountId: bigint, symbol: string): string {
  return `${accountId} ${symbol}`;
}

/** The state a group works on: read once, changed in memory by each accepted command, then written. */
export interface LedgerState {
  readonly accounts: Map<bigint, AccountRow>;
  readonly originals: Map<bigint, OriginalRow>;
  readonly holds: Map<bigint, HoldRow>;
  /** Quantities in hundred-millionths of a unit, by holdingKey; of what the group's trades name. */
  readonly holdings: Map<string, bigint>;
  readonly quotes: ReadonlyMap<string, QuoteRow>;
  readonly currencies: ReadonlyMap<string, CurrencyRow>;
  readonly merchants: ReadonlySet<bigint>;
  /** Merchants by merchantKey, as far as commands describe them. */
  readonly merchantNames: ReadonlyMap<string, bigint>;
  readonly devices: ReadonlySet<bigint>;
  /** Server time of the group, taken when all locks were held. */
  readonly now: string;
}

/** Roles of house accounts (bank/schema/010_house.sql). */
export const HOUSE = { float: 1n, settlement: 2n, fees: 3n, cashback: 4n, fx: 5n, equity: 6n, interest: 7n, adjustment: 8n } as const;

export const HOUSE_FIRST = 801n;
export const HOUSE_LAST = 999n;

export function isHouse(accountId: bigint): boolean {
  return accountId >= HOUSE_FIRST && accountId <= HOUSE_LAST;
}

/** Money that may be spent: the balance without what is held. 0 for house accounts, which are not limited. */
export function availableOf(account: AccountRow): Money {
  return account.balance === null ? 0n : account.balance - account.held;
}

/** ISO 8601 with any offset as `YYYY-MM-DD hh:mm:ss.ffffff` in UTC, microseconds kept. */
export function sqlTime(iso: string): string {
  const fraction = /\.(\d+)/.exec(iso)?.[1] ?? '';
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')}.${fraction.slice(0, 6).padEnd(6, '0')}`;
}

/** `YYYY-MM-DD hh:mm:ss.ffffff` in UTC as ISO 8601. */
export function isoTime(sql: string): string {
  return `${sql.replace(' ', 'T')}Z`;
}
