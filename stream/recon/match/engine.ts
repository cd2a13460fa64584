// Matching, on one screen: each tier takes from the rows that the tiers before it left open; what stays open becomes a break.
// Pure: the same rows, in whatever order, give the same answer.

import { BreakBook } from './breaks.ts';
import { matchExactIds, matchExactKeys } from './exact.ts';
import { matchFuzzy } from './fuzzy.ts';
import { matchGroups, matchSubsetSums } from './groups.ts';
import type { MatchResult } from './match.ts';
import { OpenRows } from './open-rows.ts';
import { prepare } from './prepared.ts';
import { matchProbable } from './probable/match-probable.ts';
import type { MatchRow } from './row.ts';
import type { RuleSet } from './rule-set.ts';

/** What earlier runs know. */
export interface Before {
  /** Rows that are in a match already: they are compared with nothing, but a row that says the same is a duplicate. */
  readonly external: readonly MatchRow[];
  readonly internal: readonly MatchRow[];
  /** Internal rows from this time (ms) on may still get a row of their own: no sum of rows is made with them. */
  readonly dueUntil: number;
}

const NOTHING: Before = { external: [], internal: [], dueUntil: Infinity };

/** @returns matches and breaks; together they hold every row of both sides exactly once */
export function matchRows(
  external: readonly MatchRow[],
  internal: readonly MatchRow[],
  rules: RuleSet,
  before: Before = NOTHING,
): MatchResult {
  const sides = { external: prepare('external', external, rules), internal: prepare('internal', internal, rules) };
  const open = new OpenRows(sides.external, sides.internal);
  const book = new BreakBook(open, rules);
  book.repeated();
  const aside = new Set([...sides.external, ...sides.internal].filter((row) => !open.isOpen(row)));
  matchExactIds(open, rules);
  matchExactKeys(open, rules);
  const suggestions = rules.mode === 'probable' ? matchProbable(open, rules) : matchFuzzy(open, rules);
  matchGroups(open, rules);
  matchSubsetSums(open, rules, before.dueUntil);
  const settled = [...sides.external, ...sides.internal].filter((row) => !open.isOpen(row) && !aside.has(row));
  const earlier = [...prepare('external', before.external, rules), ...prepare('internal', before.internal, rules)];
  book.explain(suggestions, [...earlier, ...settled], before.dueUntil);
  return { matches: open.matches, breaks: book.breaks };
}
