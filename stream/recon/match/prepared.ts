// Rows made ready for comparing: normal forms once a row, not once a pair. In an order that does not depend on the order of input.

import type { RuleSet } from './rule-set.ts';
import { compareRows, DAY_MS, type MatchRow, type Side } from './row.ts';
import { normaliseReference, tokensOf } from './text.ts';

export interface Prepared {
  readonly side: Side;
  /** Place in the side's list. */
  readonly index: number;
  readonly row: MatchRow;
  /** Time as the rule set compares it. */
  readonly at: number;
  /** Time by which the date is scored. */
  readonly dated: number;
  readonly reference: string;
  readonly tokens: readonly string[];
  /** Normal form of the internal number that this row is, or names. Empty: none. */
  readonly key: string;
}

/** @returns the rows of one side in canonical order */
export function prepare(side: Side, rows: readonly MatchRow[], rules: RuleSet): Prepared[] {
  const keyOf = side === 'internal' ? ({ id }: MatchRow): string => normaliseReference(id) : keyMaker(rules);
  return [...rows].sort(compareRows).map((row, index) => ({
    side,
    index,
    row,
    at: comparedAt(row.at, rules),
    dated: comparedAt(rules.dateBy === 'value' ? (row.valueAt ?? row.at) : row.at, rules),
    reference: normaliseReference(row.reference),
    tokens: tokensOf(row.description),
    key: keyOf(row),
  }));
}

function comparedAt(at: number, { timePrecision }: RuleSet): number {
  return timePrecision === 'day' ? Math.floor(at / DAY_MS) * DAY_MS : at;
}

/** What a row says besides its own number and its time. */
export function sayingOf({ row, reference, tokens }: Prepared): string {
  return JSON.stringify([String(row.amount), row.currency, reference, tokens]);
}

/** What tells the internal number that an external row names by a pattern; without patterns its own number must be the internal one. */
export function keyMaker({ idPatterns }: Pick<RuleSet, 'idPatterns'>): (row: Pick<MatchRow, 'id' | 'reference' | 'description'>) => string {
  const patterns = idPatterns.map((pattern) => new RegExp(pattern, 'iu'));
  if (patterns.length === 0) return ({ id }) => normaliseReference(id);
  return ({ reference, description }) => {
    for (const text of [reference, description]) {
      for (const pattern of patterns) {
        const found = pattern.exec(text)?.[1];
        if (found !== undefined) return normaliseReference(found);
      }
    }
    return '';
  };
}
