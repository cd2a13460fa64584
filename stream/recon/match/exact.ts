// The exact tiers: rows that name each other, and rows whose keys leave no choice. Score 1.

import { groupBy } from '../../../infra/runtime/group-by.ts';
import type { OpenRows } from './open-rows.ts';
import type { Prepared } from './prepared.ts';
import type { RuleSet } from './rule-set.ts';
import { lagDays, withinWindow } from './score.ts';

/** Same number, amount and currency, time within the exact window; of several rows with one number the nearest in time. */
export function matchExactIds(open: OpenRows, rules: RuleSet): void {
  const internal = groupBy(open.internal, ({ key }) => key);
  for (const one of open.external) {
    const others = (one.key === '' ? [] : (internal.get(one.key) ?? [])).filter(
      (other) => open.isOpen(other) && isExact(one, other, rules),
    );
    const nearest = others.sort((left, right) => distance(one, left) - distance(one, right) || left.index - right.index)[0];
    if (nearest === undefined) continue;
    open.take([one], [nearest], { ...EXACT, tier: 'exact_id', why: `number ${nearest.row.id}, amount and currency are equal` });
  }
}

/** Same reference, amount and currency within the window, and no other row of either side has them. */
export function matchExactKeys(open: OpenRows, rules: RuleSet): void {
  const internal = groupBy(open.internal, exactKey);
  for (const [key, ones] of groupBy(open.external, exactKey)) {
    const others = internal.get(key) ?? [];
    const [one, other] = [ones[0], others[0]];
    if (key === '' || one === undefined || other === undefined || ones.length > 1 || others.length > 1) continue;
    if (!withinWindow(lagDays(one, other), rules.window)) continue;
    open.take([one], [other], {
      ...EXACT,
      tier: 'exact_keys',
      why: `reference ${other.row.reference}, amount and currency are equal and unique`,
    });
  }
}

const EXACT = { score: 1, components: null, margin: null } as const;

function isExact(one: Prepared, other: Prepared, rules: RuleSet): boolean {
  const same = one.row.amount === other.row.amount && one.row.currency === other.row.currency;
  return same && withinWindow(lagDays(one, other), rules.exactWindow);
}

function distance(one: Prepared, other: Prepared): number {
  return Math.abs(lagDays(one, other));
}

function exactKey({ reference, row }: Prepared): string {
  return reference === '' ? '' : `${reference} ${row.currency} ${row.amount}`;
}
