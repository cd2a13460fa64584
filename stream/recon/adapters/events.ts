// What a parser of one format tells, in the order of the input. The checker (check.ts) makes the port's parts of it.

import type { Balance, EntryStatus } from './port.ts';
import { LineProblem } from './problem.ts';

/** An entry as the format says it; the checker brings the amount to the currency's digits and fills in the account. */
export interface EntryDraft {
  readonly externalId: string;
  /** Where entries of several accounts are mixed; otherwise the statement's. */
  readonly account?: string;
  readonly bookedAt: string;
  readonly valueDate: string | null;
  readonly amount: string;
  readonly currency: string;
  readonly reference: string;
  readonly description: string;
  readonly counterparty?: string;
  readonly batchKey?: string;
  readonly kind?: string;
  readonly reversal?: boolean;
  readonly status?: EntryStatus;
  /** The balance after this entry, where the input has one. */
  readonly balance?: string | undefined;
}

/** What a statement says of itself. Sums are not negative; `net` is signed. */
export interface StatedTotals {
  readonly closing?: Balance | null | undefined;
  readonly entries?: number | undefined;
  readonly credits?: string | undefined;
  readonly debits?: string | undefined;
  readonly creditEntries?: number | undefined;
  readonly debitEntries?: number | undefined;
  readonly net?: string | undefined;
  /** The format's own control sums were compared by its parser. */
  readonly controlTotal?: boolean;
  readonly runningBalance?: 'oldest-first' | 'newest-first' | undefined;
}

export interface OpenedStatement {
  readonly id: string;
  /** Its number in the sender's order, with its page where it has several: `12/1`; where the format has one. */
  readonly number?: string;
  readonly account: string;
  /** Empty: each entry has its own. */
  readonly currency: string;
  readonly opening?: Balance | null | undefined;
}

export type FormatEvent =
  | { readonly kind: 'open'; readonly line: number; readonly statement: OpenedStatement }
  /** One entry of the statement; its money moves once, whichever number of drafts it is told in (they sum to it). */
  | { readonly kind: 'entry'; readonly line: number; readonly raw: string; readonly drafts: readonly EntryDraft[] }
  | { readonly kind: 'bad'; readonly line: number; readonly raw: string; readonly problem: LineProblem }
  | { readonly kind: 'close'; readonly line: number; readonly stated: StatedTotals };

/** Events of a batch; when one of it refuses the input, what was told before it goes first, so that the earlier fault is the one named. */
export function* eventsOf<T>(batch: readonly T[], take: (item: T) => readonly FormatEvent[]): Generator<FormatEvent[]> {
  const events: FormatEvent[] = [];
  try {
    for (const item of batch) events.push(...take(item));
  } finally {
    if (events.length > 0) yield events;
  }
}

/** Runs what makes drafts of one line; its problem becomes a bad line. */
export function entryEvent(line: number, raw: string, make: () => readonly EntryDraft[]): FormatEvent {
  try {
    return { kind: 'entry', line, raw, drafts: make() };
  } catch (error) {
    if (error instanceof LineProblem) return { kind: 'bad', line, raw, problem: error };
    throw error;
  }
}

/** Runs `make`; a problem in it is told with the amount that is already known, so that totals still tie. */
export function knowingAmount<T>(amount: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof LineProblem && error.amount === null) throw new LineProblem(error.message, amount);
    throw error;
  }
}
