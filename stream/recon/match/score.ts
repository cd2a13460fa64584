// Gates and scores of a pair. A gate is worth no points: it is passed or not. All gates include their ends.

import { allowedDifference, type RuleSet, type Window } from './rule-set.ts';
import { DAY_MS, sizeOf } from './row.ts';
import type { Prepared } from './prepared.ts';
import { referenceLikeness, tokenLikeness } from './text.ts';

/** How alike a pair is, by component, each 0 to 1. Null: one of the rows says nothing, so the component has no weight. */
export interface Components {
  readonly amount: number;
  readonly date: number;
  readonly reference: number | null;
  readonly description: number | null;
}

export interface Scored {
  readonly score: number;
  readonly components: Components;
}

/** External minus internal, in days. */
export function lagDays(external: Prepared, internal: Prepared): number {
  return (external.at - internal.at) / DAY_MS;
}

export function withinWindow(lag: number, window: Window): boolean {
  return lag >= -window.beforeDays && lag <= window.afterDays;
}

/** Same currency and direction, amount within the tolerance of its side. */
export function amountFits(external: Prepared, internal: Prepared, rules: RuleSet): boolean {
  if (external.row.currency !== internal.row.currency) return false;
  if (external.row.amount > 0n !== internal.row.amount > 0n) return false;
  const difference = sizeOf(external.row.amount) - sizeOf(internal.row.amount);
  return sizeOf(difference) <= toleranceOf(difference, internal, rules);
}

function toleranceOf(difference: bigint, internal: Prepared, rules: RuleSet): bigint {
  return allowedDifference(difference < 0n ? rules.amount.below : rules.amount.above, internal.row.amount);
}

/** Whether the pair passes all gates of fuzzy matching; the date that is scored lies in the window too. */
export function passesGates(external: Prepared, internal: Prepared, rules: RuleSet): boolean {
  const { window } = rules;
  const timely = withinWindow(lagDays(external, internal), window) && withinWindow((external.dated - internal.dated) / DAY_MS, window);
  return timely && amountFits(external, internal, rules);
}

/** Score of a pair that passes the gates: the weighted mean of the components that both rows speak of. */
export function scorePair(external: Prepared, internal: Prepared, rules: RuleSet): Scored {
  const difference = sizeOf(external.row.amount) - sizeOf(internal.row.amount);
  const lag = (external.dated - internal.dated) / DAY_MS;
  const components: Components = {
    amount: difference === 0n ? 1 : 1 - ratio(sizeOf(difference), toleranceOf(difference, internal, rules)),
    date: dateLikeness(lag, rules.window),
    reference: likeness(external.reference, internal.reference, referenceLikeness),
    description: likeness(external.tokens, internal.tokens, tokenLikeness),
  };
  return { score: weighted(components, rules), components };
}

/** 1 for the same time, 0 at the end of the window and beyond. */
function dateLikeness(lag: number, { beforeDays, afterDays }: Window): number {
  if (lag === 0) return 1;
  const reach = lag < 0 ? beforeDays : afterDays;
  return reach === 0 ? 0 : Math.max(0, 1 - Math.abs(lag) / reach);
}

function likeness<T extends { readonly length: number }>(one: T, other: T, compare: (one: T, other: T) => number): number | null {
  return one.length === 0 || other.length === 0 ? null : compare(one, other);
}

function weighted(components: Components, { weights }: RuleSet): number {
  let [sum, weight] = [0, 0];
  for (const name of ['amount', 'date', 'reference', 'description'] as const) {
    const value = components[name];
    if (value === null) continue;
    sum += weights[name] * value;
    weight += weights[name];
  }
  // Twelve digits are kept, so that equal evidence gives equal scores in whatever order it is added up.
  return weight === 0 ? 0 : Math.round((sum / weight) * 1e12) / 1e12;
}

/** A share of two exact amounts; money itself never becomes a float. */
function ratio(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number((part * 1_000_000_000n) / whole) / 1e9;
}
