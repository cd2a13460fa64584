// Lines of an external statement and the ground truth about them.

export type StatementAccount = 'float' | 'settlement';

export interface StatementLine {
  /** The other bank's own number of the line. */
  readonly externalId: string;
  readonly account: StatementAccount;
  readonly currency: string;
  /** Days since 1970. */
  readonly bookedDay: number;
  readonly valueDay: number;
  /** Minor units; positive: money came into our account there. */
  readonly amount: bigint;
  readonly reference: string;
  readonly description: string;
}

/** What really belongs together: lines and transactions of one match, in the terms of reconciliation (1:1, 1:N, N:1). */
export interface MatchTruth {
  readonly kind: 'one' | 'split' | 'batch';
  readonly external_ids: readonly string[];
  readonly transaction_ids: readonly bigint[];
}

export type BreakKind =
  'missing_internal' | 'missing_external' | 'amount' | 'date' | 'duplicate' | 'split' | 'total_mismatch' | 'malformed_line' | 'expected';

export interface BreakTruth {
  readonly kind: BreakKind;
  readonly account: StatementAccount;
  readonly currency: string;
  readonly external_ids?: readonly string[];
  readonly transaction_ids?: readonly bigint[];
  /** Minor units by which the line differs from the transaction. */
  readonly difference_minor?: bigint;
  readonly days_late?: number;
  /** Path inside the statements folder. */
  readonly file?: string;
}

/** Hears what is true of the statements. */
export interface StatementTruth {
  readonly match: (match: MatchTruth) => void;
  readonly break: (found: BreakTruth) => void;
}
