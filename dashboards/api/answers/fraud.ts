// What the page of fraud alerts is told.

import type { Cell, Included, Section } from './common.ts';
import type { AnyRow } from './operator.ts';

export interface AlertRow {
  readonly alert_id: string;
  readonly state: string;
  readonly severity: string;
  readonly decision: Cell;
  readonly score: Cell;
  readonly rule: string;
  readonly entity: string;
  readonly event_ts: string;
  readonly amount: Cell;
  readonly currency: Cell;
  readonly assignee: Cell;
  readonly outcome: Cell;
  readonly explanation: Cell;
}

export interface StateCountRow {
  readonly state: string;
  readonly alerts: string;
}

export interface RulePrecisionRow {
  readonly rule: string;
  readonly alerts: string;
  readonly working: string;
  readonly confirmed: string;
  readonly false_positive: string;
  readonly inconclusive: string;
  readonly precision: Cell;
}

export interface FraudAnswer extends Included {
  readonly counts: Section<StateCountRow>;
  /** Newest first, at most 200. */
  readonly alerts: Section<AlertRow>;
  readonly rules: Section<RulePrecisionRow>;
}

export interface FraudCaseAnswer extends Included {
  readonly alert: Section<AnyRow>;
  readonly steps: Section<AnyRow>;
}

/** What an order to the queue came to. */
export interface WorkedAnswer {
  readonly outcome: {
    readonly changed: number;
    readonly unchanged: number;
    readonly refused: readonly { readonly id: string; readonly because: string }[];
  };
}
