// One row of either side as matching sees it. Adapters and the ledger reader make these; money is exact, times are UTC.

export type Side = 'external' | 'internal';

export interface MatchRow {
  /** The side's own number of the row; unique on its side unless the row is a duplicate. */
  readonly id: string;
  /** Signed, ten-thousandths of the currency's unit; positive: money came in, seen from our books. */
  readonly amount: bigint;
  /** ISO 4217. */
  readonly currency: string;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  /** Milliseconds since 1970, UTC: when the money counts, where the external side says so. */
  readonly valueAt?: number;
  /** What links the sides: our number, an end-to-end id, an invoice; empty when there is none. */
  readonly reference: string;
  /** Free text; empty when there is none. */
  readonly description: string;
  /** Rows that were paid in one sum carry one key; empty when there is none. */
  readonly batchKey?: string;
}

export const UNITS_PER_ONE = 10_000n;
export const DAY_MS = 86_400_000;

/** Amount without its sign. */
export function sizeOf(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}

/** Order of rows that does not depend on the order of input: number, then all the rest. */
export function compareRows(one: MatchRow, other: MatchRow): number {
  return (
    compareText(one.id, other.id) ||
    one.at - other.at ||
    compareBig(one.amount, other.amount) ||
    compareText(one.currency, other.currency) ||
    compareText(one.reference, other.reference) ||
    compareText(one.description, other.description) ||
    compareText(one.batchKey ?? '', other.batchKey ?? '') ||
    (one.valueAt ?? 0) - (other.valueAt ?? 0)
  );
}

export function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

export function compareBig(one: bigint, other: bigint): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
