// What the pages of reconciliation are told.

import type { Cell, Included, Section } from './common.ts';

/** An open or resolved break. */
export interface BreakRow {
  readonly break_id: string;
  readonly source: string;
  readonly business_date: string;
  readonly reason: string;
  readonly state: string;
  readonly owner: Cell;
  readonly currency: string;
  /** Null: the break has no row of that side. */
  readonly external_amount: Cell;
  readonly internal_amount: Cell;
  readonly difference: string;
  readonly exposure: string;
  readonly age_days: string;
  readonly age_bucket: string;
  /** `t` or `f`. */
  readonly overdue: string;
  readonly due_at: string;
  readonly score: Cell;
  readonly why: string;
  readonly comments: Cell;
}

export interface QueuedBreakRow extends BreakRow {
  /** Numbers of its rows. */
  readonly ids: Cell;
  readonly description: Cell;
}

export interface SumRow {
  readonly currency: string;
  readonly breaks: string;
  readonly exposure: string;
  readonly difference: string;
  readonly late: string;
}

/** How many breaks are not resolved, by what they can be filtered by. */
export interface FacetRow {
  readonly source: string;
  readonly reason: string;
  readonly breaks: string;
}

export interface BreaksAnswer extends Included {
  /** Late ones first, then the largest; at most 200. */
  readonly breaks: Section<QueuedBreakRow>;
  readonly sums: Section<SumRow>;
  readonly facets: Section<FacetRow>;
}

/** A row of either side. */
export interface SideRow {
  readonly row_no: string;
  readonly side: 'external' | 'internal';
  readonly id: string;
  readonly booked_at: string;
  readonly value_date: Cell;
  readonly amount: string;
  readonly currency: string;
  readonly reference: string;
  readonly description: string;
  readonly batch_key: string;
  readonly line: Cell;
}

export interface CandidateRow extends SideRow {
  /** Of the amounts' sizes and of the days, to the row of the break that it is nearest to. */
  readonly amount_off: string;
  readonly days_off: string;
  /** Of its best pair with a row of the break's other side, by the run's rules, 0 to 1; null when the break has none. */
  readonly score: Cell;
}

export interface BreakFacts extends BreakRow {
  readonly run_id: string;
  /** Of each component, 0 to 1, as JSON; null where no pair was scored. */
  readonly components: Cell;
  /** Weights of the components, and the scores from which a pair is suggested and confirmed, as JSON. */
  readonly weights: Cell;
  readonly suggest: Cell;
  readonly auto: Cell;
  readonly rule_set: Cell;
}

export interface BreakEventRow {
  readonly seq: string;
  readonly at: string;
  readonly actor: string;
  readonly kind: string;
  readonly from_state: Cell;
  readonly to_state: Cell;
  readonly note: string;
  readonly data: Cell;
}

export interface BreakAnswer extends Included {
  readonly found: Section<BreakFacts>;
  readonly rows: Section<SideRow>;
  readonly events: Section<BreakEventRow>;
  /** Open rows of the same source that are near in amount and time, the nearest first. */
  readonly candidates: Section<CandidateRow>;
}

export interface RunRow {
  readonly run_id: string;
  readonly source: string;
  readonly business_date: string;
  readonly attempt: string;
  readonly stage: string;
  readonly state: string;
  readonly requested_by: string;
  readonly queued_at: string;
  readonly finished_at: Cell;
  readonly file_name: Cell;
  readonly rule_set: string;
  readonly code: Cell;
  readonly error: Cell;
  readonly external_rows: Cell;
  readonly internal_rows: Cell;
  readonly matched_external: Cell;
  readonly match_rate: Cell;
  readonly exact: Cell;
  readonly fuzzy: Cell;
  readonly grouped: Cell;
  readonly breaks: Cell;
  readonly expected: Cell;
  readonly parked: Cell;
  readonly new_breaks: Cell;
  readonly resolved_breaks: Cell;
  /** JSON. */
  readonly reasons: Cell;
  readonly sums: Cell;
}

export interface DayRow {
  readonly day: string;
  readonly runs: string;
}

export interface RunsAnswer extends Included {
  readonly days: Section<DayRow>;
  readonly runs: Section<RunRow>;
}

export interface MatchRow {
  readonly match_id: string;
  readonly tier: string;
  readonly score: string;
  readonly margin: Cell;
  readonly components: Cell;
  readonly why: string;
  readonly actor: string;
  readonly external_ids: string;
  readonly internal_ids: string;
  readonly amount: string;
  readonly currency: string;
  /** Why somebody took it back; null while it holds. */
  readonly taken_back: Cell;
}

export interface MatchesAnswer extends Included {
  /** Those made by likeness first, the least certain before; at most 100. */
  readonly matches: Section<MatchRow>;
  readonly parked: Section<{ readonly line: string; readonly reason: string; readonly raw: string }>;
}

export interface MatchFacts extends MatchRow {
  readonly weights: Cell;
  readonly suggest: Cell;
  readonly auto: Cell;
}

export interface MatchAnswer extends Included {
  readonly found: Section<MatchFacts>;
  readonly rows: Section<SideRow>;
}

export interface SourcesAnswer {
  readonly sources: readonly { readonly name: string; readonly description: string }[];
}

/** What an order came to, in words for the page. */
export interface DoneAnswer {
  readonly done: string;
}
