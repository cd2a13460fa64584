// Pairs within the gates that are worth a look, without comparing everything with everything: rows of one block share a word, an amount, or
// nothing but a neighbourhood of amount and time; the smallest blocks are taken first, as many as the budget of comparisons allows. So a rare
// word, a rare amount and a lonely row always count, and a word that everybody uses costs nothing. All in DuckDB.

import type { DuckDBConnection } from '@duckdb/node-api';
import { type RuleSet, unitsOf } from '../rule-set.ts';
import { DAY_MS } from '../row.ts';

/** Comparisons of rows, before the gates: a number for each row, within bounds. */
interface Budget {
  readonly perRow: number;
  readonly min: number;
  readonly max: number;
}
/** Of rows that share a word or the amount. */
const ALIKE: Budget = { perRow: 48, min: 2_000_000, max: 40_000_000 };
/** Of rows that share nothing, or of which one says nothing. */
const NEAR: Budget = { perRow: 6, min: 500_000, max: 4_000_000 };

/** From temp.likely_rows and likely_keys: temp.likely_pairs (e, i), each pair once, every one within the gates of the rules. */
export async function blockPairs(connection: DuckDBConnection, rules: RuleSet, rows: number): Promise<void> {
  const windowDays = rules.window.beforeDays + rules.window.afterDays + 1;
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE likely_placed AS SELECT *, hash(currency, amount > 0) AS whose, CAST(${stretchOf(rules)} AS BIGINT) AS stretch, at_ms // ${Math.ceil(windowDays * DAY_MS)} AS stage,
      NOT EXISTS (FROM temp.likely_texts t WHERE t.side = r.side AND t.n = r.n) AS silent FROM temp.likely_rows r;
    CREATE OR REPLACE TEMP TABLE likely_blocks AS SELECT side, n, true AS alike, hash(key, whose) AS block, stretch, NULL::BIGINT AS stage FROM temp.likely_keys JOIN temp.likely_placed USING (side, n)
      UNION ALL SELECT side, n, true, hash('amount', amount, whose), NULL, stage FROM temp.likely_placed
      UNION ALL SELECT side, n, false, hash('silent external', whose), stretch, stage FROM temp.likely_placed WHERE silent OR side = 'i'
      UNION ALL SELECT side, n, false, hash('silent internal', whose), stretch, stage FROM temp.likely_placed WHERE silent OR side = 'e'
      UNION ALL SELECT side, n, false, hash('any', whose), stretch, stage FROM temp.likely_placed;
    UPDATE temp.likely_blocks SET stretch = coalesce(stretch, 0), stage = coalesce(stage, 0) WHERE side = 'i';
    CREATE OR REPLACE TEMP TABLE likely_external AS SELECT n, alike, block, stretch, unnest(${NEIGHBOURS('stage')}) AS stage FROM (
      SELECT n, alike, block, unnest(${NEIGHBOURS('stretch')}) AS stretch, stage FROM temp.likely_blocks WHERE side = 'e');
    CREATE OR REPLACE TEMP TABLE likely_sizes AS SELECT alike, block, stretch, stage, e.rows * i.rows AS size
      FROM (SELECT alike, block, stretch, stage, count(*) AS rows FROM temp.likely_external GROUP BY ALL) e
      JOIN (SELECT block, stretch, stage, count(*) AS rows FROM temp.likely_blocks WHERE side = 'i' GROUP BY ALL) i USING (block, stretch, stage);
    ${keepSmallest(true, budgetOf(ALIKE, rows))}; ${keepSmallest(false, budgetOf(NEAR, rows))};
    CREATE OR REPLACE TEMP TABLE likely_pairs AS SELECT DISTINCT CAST(e.n AS INTEGER) AS e, CAST(i.n AS INTEGER) AS i
      FROM temp.likely_sizes JOIN temp.likely_external b USING (block, stretch, stage) JOIN (FROM temp.likely_blocks WHERE side = 'i') c USING (block, stretch, stage)
      JOIN temp.likely_placed e ON e.side = 'e' AND e.n = b.n JOIN temp.likely_placed i ON i.side = 'i' AND i.n = c.n
      WHERE e.whose = i.whose AND e.currency = i.currency AND ${gatesSql(rules)};
    DROP TABLE temp.likely_placed; DROP TABLE temp.likely_blocks; DROP TABLE temp.likely_external; DROP TABLE temp.likely_sizes`);
}

function budgetOf({ perRow, min, max }: Budget, rows: number): number {
  return Math.min(max, Math.max(min, rows * perRow));
}

/** Of the blocks of either kind, the smallest that fit the budget together. */
function keepSmallest(alike: boolean, budget: number): string {
  return `DELETE FROM temp.likely_sizes WHERE alike = ${alike} AND size > (SELECT coalesce(max(size) FILTER (WHERE total <= ${budget}), 0) FROM (
      SELECT size, sum(sum(size)) OVER (ORDER BY size) AS total FROM temp.likely_sizes WHERE alike = ${alike} GROUP BY size))`;
}

/** A place and its neighbours; no place is one place. */
const NEIGHBOURS = (place: string): string => `CASE WHEN ${place} IS NULL THEN [0] ELSE [${place} - 1, ${place}, ${place} + 1] END`;

/** Number of a stretch of amounts: rows whose amounts are within tolerance lie in one stretch or in neighbours. */
function stretchOf({ amount: { below, above } }: RuleSet): string {
  const absolute = Number(unitsOf(below.absolute) > unitsOf(above.absolute) ? unitsOf(below.absolute) : unitsOf(above.absolute));
  const [less, more] = [Number(below.percent) / 100, Number(above.percent) / 100];
  const widest = Math.max(less, more);
  if (widest === 0) return absolute === 0 ? 'abs(amount)' : `floor(abs(amount) / ${absolute})`;
  const width = Math.max(less < 1 ? -Math.log(1 - less) : 100, Math.log1p(more));
  // Under this size the absolute tolerance is the wider one: one stretch for all of them.
  return `floor(ln(greatest(abs(amount), 1, ${absolute / widest})) / ${width})`;
}

/** What score.ts asks of a pair, of rows e and i. */
function gatesSql({ amount: { below, above }, window }: RuleSet): string {
  const allowed = ({ absolute, percent }: { absolute: string; percent: string }): string =>
    `greatest(${unitsOf(absolute)}, (abs(i.amount) * ${unitsOf(percent)}) // 1000000)`;
  const difference = 'abs(e.amount) - abs(i.amount)';
  return `CASE WHEN ${difference} < 0 THEN ${difference} >= -${allowed(below)} ELSE ${difference} <= ${allowed(above)} END
    AND e.at_ms - i.at_ms BETWEEN ${-window.beforeDays * DAY_MS} AND ${window.afterDays * DAY_MS}`;
}
