// Evidence of each pattern, in bits, from how many of its pairs are thought to belong together: m against u, as in Fellegi and Sunter (1969).
// Among pairs that do not belong together, amount and words are counted jointly: pairs were picked for the one or the other. Pure.

import { COMPONENTS, REST_STEPS, SILENT, type Component, type Pattern } from './patterns.ts';

export type Evidence = Readonly<Record<Component, number>>;

/** Pairs that each level is given beforehand, spread like all pairs, so that no level is impossible. */
const PRIOR_PAIRS = 2;

/** Before anything is known: equal amounts and common words speak for a pair. */
export function firstGuess(patterns: readonly Pattern[]): Evidence[] {
  return patterns.map(({ amount, words }) => {
    const [shared, rest] = words === SILENT ? [3, 0] : [Math.floor(words / REST_STEPS), words % REST_STEPS];
    return { amount: amount === 0 ? 6 : 0, date: 0, words: (shared - 4) * 1.2 - rest };
  });
}

/** @param together expected pairs that belong together, by pattern */
export function evidenceOf(patterns: readonly Pattern[], together: Float64Array): Evidence[] {
  const apart = patterns.map(({ pairs }, at) => Math.max(pairs / 1_000, pairs - together[at]!));
  const [all, apartAll] = [sum(together), sum(apart)];
  const pairsAll = sum(patterns.map(({ pairs }) => pairs));
  const m = (component: Component): ((pattern: Pattern) => number) => {
    const counts = countBy(patterns, (it) => it[component], together);
    const whole = countBy(patterns, (it) => it[component], patterns.map(({ pairs }) => pairs)); // prettier-ignore
    return (it) => (counts.get(it[component])! + (PRIOR_PAIRS * whole.get(it[component])!) / pairsAll) / (all + PRIOR_PAIRS);
  };
  const [amount, date, words] = COMPONENTS.map(m) as [ReturnType<typeof m>, ReturnType<typeof m>, ReturnType<typeof m>];
  const both = ({ amount: one, words: other }: Pattern): number => one * 1_000 + other;
  const [dates, saying, joint] = [({ date: it }: Pattern) => it, ({ words: it }: Pattern) => it, both].map((key) => {
    const counts = countBy(patterns, key, apart);
    return (it: Pattern): number => counts.get(key(it))! + 0.5;
  }) as [(it: Pattern) => number, (it: Pattern) => number, (it: Pattern) => number];
  return patterns.map((it) => ({
    amount: Math.log2((amount(it) * saying(it)) / joint(it)),
    date: Math.log2((date(it) * apartAll) / dates(it)),
    words: Math.log2((words(it) * apartAll) / saying(it)),
  }));
}

export function bitsOf({ amount, date, words }: Evidence): number {
  return amount + date + words;
}

function countBy(patterns: readonly Pattern[], key: (pattern: Pattern) => number, weights: ArrayLike<number>): Map<number, number> {
  const counts = new Map<number, number>();
  patterns.forEach((it, at) => counts.set(key(it), (counts.get(key(it)) ?? 0) + weights[at]!));
  return counts;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
