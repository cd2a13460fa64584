// What matching answers: matches, and every other row as a break with its reason.

import type { MatchRow } from './row.ts';
import type { Components } from './score.ts';

export type Tier = 'exact_id' | 'exact_keys' | 'fuzzy' | 'group' | 'subset_sum';

/** Rows that belong together and are settled. */
export interface Match {
  readonly tier: Tier;
  /** 1 for the exact tiers and groups that tie exactly. */
  readonly score: number;
  /** Of a fuzzy pair. */
  readonly components: Components | null;
  /** Distance to the next best pair of either row; null when there is none. */
  readonly margin: number | null;
  readonly external: readonly MatchRow[];
  readonly internal: readonly MatchRow[];
  readonly why: string;
}

export type BreakReason = 'missing_internal' | 'missing_external' | 'amount' | 'date' | 'currency' | 'duplicate' | 'ambiguous';

/** Rows that are not settled. */
export interface Break {
  readonly reason: BreakReason;
  readonly external: readonly MatchRow[];
  readonly internal: readonly MatchRow[];
  /** What a person is shown as the likely other side: a pair below the automatic threshold, or several equal ones. */
  readonly score: number | null;
  readonly components: Components | null;
  readonly why: string;
}

export interface MatchResult {
  readonly matches: readonly Match[];
  readonly breaks: readonly Break[];
}
