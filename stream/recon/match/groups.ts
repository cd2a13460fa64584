// Several rows of one side against one row of the other: by a common key, or, for few candidates, by the only sum that fits.

import { groupBy } from '../../../infra/runtime/group-by.ts';
import type { OpenRows } from './open-rows.ts';
import { sayingOf, type Prepared } from './prepared.ts';
import { allowedDifference, type RuleSet } from './rule-set.ts';
import { compareBig, DAY_MS, sizeOf, type Side } from './row.ts';
import { lagDays, withinWindow } from './score.ts';
import { tokenLikeness } from './text.ts';

/** How alike the words of a sum's parts and of the row they make must be. */
const ALIKE_MIN = 0.6;

const KEYS: readonly { readonly name: string; readonly of: (row: Prepared) => string }[] = [
  { name: 'number', of: ({ key }) => key },
  { name: 'batch key', of: ({ row }) => row.batchKey ?? '' },
  { name: 'reference', of: ({ reference }) => reference },
];

/** Groups of rows, and rows that say the same, of which each group sums to any: nothing says which is whose. */
export interface UnsureSums {
  readonly rows: readonly Prepared[];
  readonly why: string;
}

/**
 * Rows that share a key and sum to one row of the other side, which has the key too or is the only one of that sum.
 * @returns sums that fit and cannot be told apart
 */
export function matchGroups(open: OpenRows, rules: RuleSet): UnsureSums[] {
  const unsure: UnsureSums[] = [];
  for (const many of ['external', 'internal'] as const) {
    for (const { name, of } of KEYS) {
      const fits = fittingGroups({ many, of, open, rules });
      const only = fits.filter(({ fitting }) => fitting.length === 1);
      // A row that two groups sum to is neither's.
      for (const [first, ...more] of groupBy(only, ({ fitting }) => fitting[0]!.index).values()) {
        const { members, fitting } = first!;
        if (more.length === 0) takeGroup(open, { single: fitting[0]!, members, many }, `${members.length} rows of one ${name} sum to it`);
      }
      unsure.push(...unsureOf(fits, open));
    }
  }
  return unsure;
}

interface Fit {
  readonly members: readonly Prepared[];
  /** Rows of the other side that the members sum to. */
  readonly fitting: readonly Prepared[];
}

function fittingGroups({ many, of, open, rules }: { many: Side; of: (row: Prepared) => string; open: OpenRows; rules: RuleSet }): Fit[] {
  const singles = new Singles(open[other(many)], of);
  return [...groupBy(open[many], of)].flatMap(([key, members]) => {
    if (key === '' || members.length < 2 || members.length > rules.groups.membersMax) return [];
    const fitting = singles.near(key, members).filter((one) => ties(one, members, many, rules));
    return fitting.length === 0 ? [] : [{ members, fitting }];
  });
}

/** Of groups that are still open, those whose sum is that of several rows, or of several groups, where all those rows say the same. */
function unsureOf(fits: readonly Fit[], open: OpenRows): UnsureSums[] {
  const alike = fits.filter(({ members, fitting }) => {
    const [first, ...more] = fitting;
    return [...members, ...fitting].every((row) => open.isOpen(row)) && more.every((row) => sayingOf(row) === sayingOf(first!));
  });
  return [...groupBy(alike, ({ fitting }) => sayingOf(fitting[0]!)).values()].map((groups) => {
    const singles = new Set(groups.flatMap(({ fitting }) => fitting));
    return {
      rows: [...new Set(groups.flatMap(({ members }) => members)), ...singles],
      why: `${counted(groups.length, 'sum')} of rows ${groups.length === 1 ? 'fits' : 'fit'} ${counted(singles.size, 'row')}: nothing says which is whose`,
    };
  });
}

interface Group {
  readonly single: Prepared;
  readonly members: readonly Prepared[];
  readonly many: Side;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function takeGroup(open: OpenRows, { single, members, many }: Group, why: string, tier: 'group' | 'subset_sum' = 'group'): void {
  const match = { tier, score: 1, components: null, margin: null, why };
  if (many === 'external') open.take(members, [single], match);
  else open.take([single], members, match);
}

function other(side: Side): Side {
  return side === 'external' ? 'internal' : 'external';
}

/** The rows of the other side, by key and by amount. */
class Singles {
  private readonly byKey: ReadonlyMap<string, Prepared[]>;
  private readonly byAmount: ReadonlyMap<string, Prepared[]>;

  constructor(rows: readonly Prepared[], keyOf: (row: Prepared) => string) {
    this.byKey = groupBy(rows, keyOf);
    this.byAmount = groupBy(rows, ({ row }) => `${row.currency} ${row.amount}`);
  }

  near(key: string, members: readonly Prepared[]): readonly Prepared[] {
    const named = this.byKey.get(key);
    if (named !== undefined) return named;
    const sum = members.reduce((total, { row }) => total + row.amount, 0n);
    return this.byAmount.get(`${members[0]!.row.currency} ${sum}`) ?? [];
  }
}

/** One currency, one direction, the sum within tolerance, every member within the window. */
function ties(single: Prepared, members: readonly Prepared[], many: Side, rules: RuleSet): boolean {
  const fits = members.every((member) => {
    const lag = many === 'external' ? lagDays(member, single) : lagDays(single, member);
    return (
      member.row.currency === single.row.currency &&
      member.row.amount > 0n === single.row.amount > 0n &&
      withinWindow(lag, rules.window) &&
      (rules.dateBy === 'booked' || Math.floor(member.dated / DAY_MS) === Math.floor(single.dated / DAY_MS))
    );
  });
  return fits && sumTies(single, members, many, rules);
}

function sumTies(single: Prepared, members: readonly Prepared[], many: Side, rules: RuleSet): boolean {
  const sum = members.reduce((total, { row }) => total + sizeOf(row.amount), 0n);
  const [external, internal] = many === 'external' ? [sum, sizeOf(single.row.amount)] : [sizeOf(single.row.amount), sum];
  const difference = external - internal;
  return sizeOf(difference) <= allowedDifference(difference < 0n ? rules.amount.below : rules.amount.above, internal);
}

/**
 * Rows without a common key that sum exactly to one row, when there is exactly one such set and its rows speak like it: sums alone meet by chance.
 */
export function matchSubsetSums(open: OpenRows, rules: RuleSet, dueUntil: number): void {
  for (const many of ['external', 'internal'] as const) {
    // An external row that names a number of ours is a part of nothing else.
    const isFree = ({ side, at, key }: Prepared): boolean =>
      side === 'external' ? rules.idPatterns.length === 0 || key === '' : at < dueUntil;
    const days = groupBy(open[many].filter(isFree), (row) => dayKey(row, 0));
    for (const single of open[other(many)].filter(isFree)) {
      if (!open.isOpen(single)) continue;
      const members = onlySubset(single, candidatesOf({ single, days, many, open, rules }), rules);
      if (members === null) continue;
      takeGroup(open, { single, members, many }, `the only ${members.length} rows that sum to it`, 'subset_sum');
    }
  }
}

function dayKey({ row, at }: Prepared, days: number): string {
  return `${row.currency} ${row.amount > 0n ? '+' : '-'} ${Math.floor(at / DAY_MS) + days}`;
}

interface SubsetSearch {
  readonly single: Prepared;
  readonly days: ReadonlyMap<string, readonly Prepared[]>;
  readonly many: Side;
  readonly open: OpenRows;
  readonly rules: RuleSet;
}

function candidatesOf({ single, days, many, open, rules }: SubsetSearch): Prepared[] {
  const { beforeDays, afterDays } = rules.window;
  const [back, forth] = many === 'external' ? [beforeDays, afterDays] : [afterDays, beforeDays];
  const found: Prepared[] = [];
  for (let day = -Math.ceil(back); day <= Math.ceil(forth); day += 1) {
    for (const row of days.get(dayKey(single, day)) ?? []) {
      const lag = many === 'external' ? lagDays(row, single) : lagDays(single, row);
      if (!open.isOpen(row) || sizeOf(row.row.amount) >= sizeOf(single.row.amount) || !withinWindow(lag, rules.window)) continue;
      if (rules.dateBy === 'value' && Math.floor(row.dated / DAY_MS) !== Math.floor(single.dated / DAY_MS)) continue;
      if (tokenLikeness(single.tokens, row.tokens) >= ALIKE_MIN) found.push(row);
    }
  }
  return found;
}

/** The one set of candidates that sums to the row; null when there is none, or more than one, or too many candidates to tell. */
function onlySubset(single: Prepared, candidates: readonly Prepared[], { groups }: RuleSet): Prepared[] | null {
  if (candidates.length < 2 || candidates.length > groups.subsetCandidatesMax) return null;
  const rows = [...candidates].sort((one, two) => compareBig(sizeOf(two.row.amount), sizeOf(one.row.amount)) || one.index - two.index);
  const rest = rows.map((_, at) => rows.slice(at).reduce((sum, { row }) => sum + sizeOf(row.amount), 0n));
  const found: Prepared[][] = [];
  const chosen: Prepared[] = [];
  const search = (at: number, missing: bigint): void => {
    if (missing === 0n && chosen.length > 1) found.push([...chosen]);
    if (missing <= 0n || at === rows.length || chosen.length === groups.subsetMembersMax || found.length > 1 || rest[at]! < missing) return;
    const row = rows[at]!;
    chosen.push(row);
    search(at + 1, missing - sizeOf(row.row.amount));
    chosen.pop();
    search(at + 1, missing);
  };
  search(0, sizeOf(single.row.amount));
  return found.length === 1 ? found[0]!.sort((one, two) => one.index - two.index) : null;
}
