// Matching, on one screen: each tier takes from the rows that the tiers before it left open; what stays open becomes a break.
// Pure: the same rows, in whatever order, give the same answer.

import type { DuckDBConnection } from '@duckdb/node-api';
import { BreakBook, type Unsettled } from './breaks.ts';
import { matchExactIds, matchExactKeys } from './exact.ts';
import { matchFuzzy } from './fuzzy.ts';
import { matchGroups, matchSubsetSums } from './groups.ts';
import type { MatchResult } from './match.ts';
import { OpenRows } from './open-rows.ts';
import { prepare, type Prepared } from './prepared.ts';
import { matchProbable } from './probable/match-probable.ts';
import type { MatchRow, Side } from './row.ts';
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
  const matching = new Matching({ external, internal }, rules, before);
  const suggestions = matchFuzzy(matching.open, rules);
  const unsure = matchGroups(matching.open, rules);
  matchSubsetSums(matching.open, rules, before.dueUntil);
  return matching.explain({ suggestions, unsure });
}

/**
 * As matchRows, for sources without numbers: pairs are found and learnt from in DuckDB, in temporary tables. No sums of rows are made: where
 * amounts differ by fees, equal sums are chance.
 */
export async function matchRowsByChance(
  connection: DuckDBConnection,
  { external, internal }: Record<Side, readonly MatchRow[]>,
  rules: RuleSet,
  before: Before = NOTHING,
): Promise<MatchResult> {
  const matching = new Matching({ external, internal }, rules, before);
  const suggestions = await matchProbable(connection, matching.open, rules);
  const unsure = matchGroups(matching.open, rules);
  return matching.explain({ suggestions, unsure });
}

/** As matchRows or as matchRowsByChance, by the mode of the rules. @param known `named`: whether any row names one of the other side */
export async function matchByMode(
  connection: DuckDBConnection,
  sides: Record<Side, readonly MatchRow[]>,
  rules: RuleSet,
  known: Partial<Before> & { readonly named: () => boolean | Promise<boolean> },
): Promise<MatchResult> {
  const before = { ...NOTHING, ...known };
  if (rules.mode === 'probable' || (rules.mode === 'auto' && !(await known.named())))
    return await matchRowsByChance(connection, sides, rules, before);
  return matchRows(sides.external, sides.internal, rules, before);
}

class Matching {
  readonly open: OpenRows;
  private readonly sides: Record<Side, readonly Prepared[]>;
  private readonly book: BreakBook;
  private readonly repeated: ReadonlySet<Prepared>;
  private readonly dueUntil: number;
  private readonly earlier: readonly Prepared[];

  /** Takes the repeated rows and the exact pairs. */
  constructor({ external, internal }: Record<Side, readonly MatchRow[]>, rules: RuleSet, before: Before) {
    this.sides = { external: prepare('external', external, rules), internal: prepare('internal', internal, rules) };
    this.earlier = [...prepare('external', before.external, rules), ...prepare('internal', before.internal, rules)];
    this.dueUntil = before.dueUntil;
    this.open = new OpenRows(this.sides.external, this.sides.internal);
    this.book = new BreakBook(this.open, rules);
    this.book.repeated();
    this.repeated = new Set(this.all().filter((row) => !this.open.isOpen(row)));
    matchExactIds(this.open, rules);
    matchExactKeys(this.open, rules);
    this.book.namedTwice(this.settled());
  }

  /** Says why the rest is open. */
  explain(unsettled: Unsettled): MatchResult {
    this.book.explain(unsettled, this.settled(), this.dueUntil);
    return { matches: this.open.matches, breaks: this.book.breaks };
  }

  /** Rows in a match, of earlier runs too. */
  private settled(): Prepared[] {
    return [...this.earlier, ...this.all().filter((row) => !this.open.isOpen(row) && !this.repeated.has(row))];
  }

  private all(): Prepared[] {
    return [...this.sides.external, ...this.sides.internal];
  }
}
