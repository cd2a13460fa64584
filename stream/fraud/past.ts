// What a feature knows of the past: an aggregate over earlier movements that share something with this one, declared once in the feature
// set's file and computed in one of two ways that give the same values, because sums are exact:
//   pairs    each movement joined with its past: cheap for few movements, grows with the square of a busy merchant
//   windows  window functions over all movements: cheap for whole histories, dear when most rows are history only

import { fillIn, windowTicks } from './fill-in.ts';
import type { ParameterValue } from './parameter.ts';

/** `-- past NAME = AGGREGATE of KEY[, COLUMN …] in WINDOW [where CONDITION]`: over movements with the same key (and columns) before this one. */
export interface Past {
  readonly name: string;
  readonly aggregate: string;
  readonly key: PastKey;
  readonly same: readonly string[];
  /** Parameter that says how far back. */
  readonly window: string;
  readonly where: string | null;
}

/** What pasts are about, each a relation of its own. `account` is one side of a transfer, `label_merchant` that of a confirmed fraud. */
export const PAST_KEYS = ['customer_id', 'merchant_id', 'device_id', 'account', 'label_merchant'] as const;
export type PastKey = (typeof PAST_KEYS)[number];

const LINE = /^-- past ([a-z][a-z0-9_]*) = ([a-z]+\(.+\)) of ([a-z_]+)((?:, [a-z_]+)*) in ([a-z_]+)(?: where (.+))?$/;

/** Null: the line is something else, or of a key that there is not. */
export function parsePast(line: string): Past | null {
  const [, name, aggregate, key, same = '', window, where] = LINE.exec(line) ?? [];
  const known = PAST_KEYS.find((each) => each === key);
  if (name === undefined || aggregate === undefined || known === undefined || window === undefined) return null;
  const others = same.split(', ').filter((column) => column !== '');
  return { name, aggregate, key: known, same: others, window, where: where ?? null };
}

export interface PastPlan {
  readonly pasts: readonly Past[];
  readonly values: ReadonlyMap<string, ParameterValue>;
  /** Movements to tell the past of: row, the columns that pasts name, moment, nr. Only for pairs. */
  readonly triggers: string;
  /** All of them and those before: the same columns; row of those in triggers and NULL otherwise, tick and tie for windows. */
  readonly history: string;
}

/** SELECT row and the pasts of one key; rows without a past may be missing. `moment` is the instant in ticks, `nr` the order within it. */
export function pairsSql({ pasts, values, triggers, history }: PastPlan): string {
  const key = pasts[0]?.key ?? '';
  const ticksOf = new Map(pasts.map(({ window }) => [window, windowTicks(window, values)]));
  const longest = [...ticksOf.values()].reduce((most, ticks) => (ticks > most ? ticks : most), 0n);
  const same = [...new Set(pasts.flatMap((past) => past.same))];
  const columns = pasts.map(({ name, aggregate, window, where, same: equal }) => {
    const ticks = ticksOf.get(window) ?? longest;
    const conditions = [
      ...(ticks === longest ? [] : [`_age < ${ticks}`]),
      ...equal.map((column) => `_same_${column}`),
      ...(where === null ? [] : [`(${where})`]),
    ];
    return `${aggregate}${conditions.length === 0 ? '' : ` FILTER (${conditions.join(' AND ')})`} AS ${name}`;
  });
  const equals = same.map((column) => `h.${column} IS NOT DISTINCT FROM g.${column} AS _same_${column}`);
  return `SELECT _ord AS ord, ${columns.join(', ')} FROM (
  SELECT h.*, ${['g.ord AS _ord', 'g.moment - h.moment AS _age', ...equals].join(', ')} FROM ${history} h JOIN ${triggers} g
  ON h.${key} = g.${key} AND h.moment > g.moment - ${longest} AND (h.moment < g.moment OR (h.moment = g.moment AND h.nr < g.nr))) GROUP BY _ord`;
}

/** The same by window functions. */
export function windowsSql({ pasts, values, history }: PastPlan): string {
  const key = pasts[0]?.key ?? '';
  const columns = pasts.map(
    ({ name, aggregate, window, where, same }) =>
      `${aggregate}${where === null ? '' : ` FILTER (${where})`} OVER (PARTITION BY ${[key, ...same].join(', ')} ORDER BY tick $before(${window})) AS ${name}`,
  );
  return fillIn(
    `SELECT * FROM (SELECT ord, ${columns.join(', ')} FROM ${history} h WHERE ${key} IS NOT NULL) WHERE ord IS NOT NULL`,
    values,
  );
}

/** Whether pairs cost less than windows. Taken: a pair 20 ns and 8 a column, a windowed value 200 ns; pairs up to a second always. */
export function isPairwise(columns: number, pairs: number, rows: number): boolean {
  return pairs * (20 + 8 * columns) <= Math.max(rows * columns * 200, 1e9);
}
