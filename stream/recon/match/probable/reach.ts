// How far apart in time partners lie, learnt from the rows before they are compared: rows with an amount that occurs once on either side and
// with a word in common are likely partners, and their lags stand out over the even spread of chance. What is learnt only narrows the window of the rules.

import type { DuckDBConnection } from '@duckdb/node-api';
import { rowsOf } from '../../run/stage.ts';
import { DAY_MS } from '../row.ts';
import type { RuleSet, Window } from '../rule-set.ts';

/** With fewer such amounts nothing is learnt. */
const AMOUNTS_MIN = 300;
/** A day stands out when so many more amounts lie there as chance would hardly put there (standard deviations), a quiet day being chance. */
const STANDS_OUT = 5;
const STANDS_OUT_MIN = 4;
/** Partners with another amount may take longer: so much is added at either end. */
const SPARE_DAYS = 3;
const SPARE_SHARE = 0.5;

/** From temp.likely_rows. @returns the rules with a window within theirs */
export async function learnReach(connection: DuckDBConnection, rules: RuleSet): Promise<RuleSet> {
  const once = (side: 'e' | 'i'): string =>
    `(SELECT amount, currency, any_value(at_ms) AS at_ms, any_value(n) AS n FROM temp.likely_rows WHERE side = '${side}' GROUP BY amount, currency HAVING count(*) = 1)`;
  const lag = `CAST(floor((e.at_ms - i.at_ms) / ${DAY_MS}) AS INTEGER)`;
  const keys = (side: 'e' | 'i'): string => `(SELECT key FROM temp.likely_keys WHERE side = '${side}' AND n = ${side}.n)`;
  const { beforeDays, afterDays } = rules.window;
  const found = await rowsOf(
    connection,
    `SELECT ${lag} AS lag, count(*) FROM ${once('e')} e JOIN ${once('i')} i USING (amount, currency)
      WHERE ${lag} BETWEEN ${-beforeDays} AND ${afterDays} AND EXISTS (SELECT * FROM ${keys('e')} JOIN ${keys('i')} USING (key)) GROUP BY lag`,
  );
  return { ...rules, window: windowOf(new Map(found.map((row) => row.map(Number) as [number, number])), rules.window) };
}

/** @param counts amounts by lag in whole days */
export function windowOf(counts: ReadonlyMap<number, number>, window: Window): Window {
  const { beforeDays, afterDays } = window;
  const days = Array.from({ length: Math.floor(beforeDays) + Math.floor(afterDays) + 1 }, (_, at) => at - Math.floor(beforeDays));
  const all = [...counts.values()].reduce((total, count) => total + count, 0);
  if (all < AMOUNTS_MIN) return window;
  const quiet = days.map((day) => counts.get(day) ?? 0).sort((one, other) => one - other)[Math.floor(days.length / 4)]!;
  const telling = days.filter((day) => (counts.get(day) ?? 0) >= Math.max(STANDS_OUT_MIN, quiet + STANDS_OUT * Math.sqrt(quiet)));
  const [first, last] = [telling[0], telling.at(-1)];
  if (first === undefined || last === undefined) return window;
  const spare = SPARE_DAYS + Math.ceil((last - first) * SPARE_SHARE);
  return { beforeDays: clamp(spare - first, beforeDays), afterDays: clamp(last + spare, afterDays) };
}

/** A window begins before and ends after the internal row's time, or at it. */
function clamp(days: number, most: number): number {
  return Math.min(most, Math.max(0, days));
}
