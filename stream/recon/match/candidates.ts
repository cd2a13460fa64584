// Pairs that pass the gates, found without comparing everything with everything: internal rows lie by currency, direction and day,
// sorted by amount, so that each external row looks at a few stretches of them.

import { groupBy } from '../../../infra/runtime/group-by.ts';
import type { Prepared } from './prepared.ts';
import { allowedDifference, type RuleSet, unitsOf } from './rule-set.ts';
import { compareBig, DAY_MS, sizeOf } from './row.ts';
import { lagDays, passesGates, scorePair, withinWindow, type Scored } from './score.ts';

export interface Candidate extends Scored {
  readonly external: Prepared;
  readonly internal: Prepared;
}

/** Reach of a search around an external row. */
export interface Reach {
  readonly beforeDays: number;
  readonly afterDays: number;
  /** Bounds of the internal amount's size beside an external one. */
  readonly sizes: (external: bigint) => { readonly from: bigint; readonly to: bigint };
}

export class AmountIndex {
  private readonly days: ReadonlyMap<string, Prepared[]>;

  constructor(rows: readonly Prepared[]) {
    this.days = groupBy(rows, (row) => stretchKey(row, Math.floor(row.at / DAY_MS)));
    for (const stretch of this.days.values()) {
      stretch.sort((one, other) => compareBig(sizeOf(one.row.amount), sizeOf(other.row.amount)) || one.index - other.index);
    }
  }

  /** Rows of the external row's currency and direction within reach, by day and amount. */
  *near(external: Prepared, reach: Reach): Generator<Prepared> {
    const { from, to } = reach.sizes(sizeOf(external.row.amount));
    const first = Math.floor((external.at - reach.afterDays * DAY_MS) / DAY_MS);
    const last = Math.floor((external.at + reach.beforeDays * DAY_MS) / DAY_MS);
    for (let day = first; day <= last; day += 1) {
      const stretch = this.days.get(stretchKey(external, day));
      if (stretch === undefined) continue;
      for (let at = lowerBound(stretch, from); at < stretch.length; at += 1) {
        const row = stretch[at]!;
        if (sizeOf(row.row.amount) > to) break;
        yield row;
      }
    }
  }
}

function stretchKey({ row }: Prepared, day: number): string {
  return `${row.currency} ${row.amount > 0n ? '+' : '-'} ${day}`;
}

function lowerBound(stretch: readonly Prepared[], size: bigint): number {
  let [low, high] = [0, stretch.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sizeOf(stretch[middle]!.row.amount) < size) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Bounds that no internal amount within tolerance lies outside of; the gate itself decides. */
export function reachOf(rules: RuleSet): Reach {
  const { below, above } = rules.amount;
  const [belowPercent, abovePercent] = [unitsOf(below.percent), unitsOf(above.percent)];
  const whole = 1_000_000n; // a hundred percent
  return {
    ...rules.window,
    sizes: (size) => ({
      from: least((size * whole) / (whole + abovePercent) - 1n, size - allowedDifference(above, 0n)),
      to: greatest(
        belowPercent >= whole ? size * whole + whole : (size * whole) / (whole - belowPercent) + 1n,
        size + allowedDifference(below, 0n),
      ),
    }),
  };
}

/** All pairs that pass the gates with a score of at least `rules.suggest`, in canonical order. */
export function candidatePairs(external: readonly Prepared[], internal: readonly Prepared[], rules: RuleSet): Candidate[] {
  const index = new AmountIndex(internal);
  const reach = reachOf(rules);
  const numbers = groupBy(internal, ({ key }) => key);
  const found: Candidate[] = [];
  for (const one of external) {
    const isNaming = namesOneOf(numbers.get(one.key) ?? [], one, rules);
    for (const other of index.near(one, reach)) {
      if (!passesGates(one, other, rules) || (isNaming && other.key !== one.key)) continue;
      const scored = scorePair(one, other, rules);
      if (scored.score >= rules.suggest) found.push({ external: one, internal: other, ...scored });
    }
  }
  return found;
}

/** An external row that names, by a pattern, one of ours that it may be about is no other row's partner, whatever their amounts: it may be a part of it. */
function namesOneOf(named: readonly Prepared[], external: Prepared, rules: RuleSet): boolean {
  if (rules.idPatterns.length === 0 || external.key === '') return false;
  return named.some(
    (row) =>
      row.row.currency === external.row.currency &&
      row.row.amount > 0n === external.row.amount > 0n &&
      withinWindow(lagDays(external, row), rules.window),
  );
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function greatest(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
