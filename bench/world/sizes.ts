// How large the benchmark's world is, and which numbers its rows have; shared by the preload in SQL and the changes in TypeScript.

export interface WorldSizes {
  readonly ledgerEntries: number;
  readonly transactions: number;
  readonly accounts: number;
  readonly customers: number;
  readonly merchants: number;
}

export const SIZES: WorldSizes = {
  ledgerEntries: 1_000_000,
  transactions: 200_000,
  accounts: 100_000,
  customers: 50_000,
  merchants: 50_000,
};

export const FIRST_CUSTOMER = 1_001;
export const FIRST_MERCHANT = 1;
export const FIRST_ACCOUNT = 1_001;
export const FIRST_HOUSE_ACCOUNT = 801;
export const HOUSE_ACCOUNTS = 6;
export const FIRST_TRANSACTION = 10;
/** Of ten transactions five are posted, three are pending, two have failed. */
export const ENTRIES_PER_POSTED = 10;
/** Sequence of the last transaction that is preloaded. */
export const PRELOADED_SEQ = 100;
/** Microseconds: the preloaded rows lie before it, the changes after it. */
export const NOW_US = Date.UTC(2026, 10, 21) * 1_000;

export function pendingId(index: number): number {
  return FIRST_TRANSACTION + Math.floor(index / 3) * 10 + 5 + (index % 3);
}

export function failedId(index: number): number {
  return FIRST_TRANSACTION + Math.floor(index / 2) * 10 + 8 + (index % 2);
}
