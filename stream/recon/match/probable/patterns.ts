// How a pair compares, as a few levels per component: what Fellegi and Sunter (1969) call its comparison vector. Pairs with the same levels
// have one pattern; there are thousands of patterns and millions of pairs. All in DuckDB.

import type { DuckDBConnection } from '@duckdb/node-api';
import { rowsOf } from '../../run/stage.ts';
import { DAY_MS } from '../row.ts';

export const COMPONENTS = ['amount', 'date', 'words'] as const;
export type Component = (typeof COMPONENTS)[number];

export interface Pattern extends Readonly<Record<Component, number>> {
  /** Its number: place in the list. */
  readonly pattern: number;
  readonly pairs: number;
}

/** Level of words when one of the rows says nothing. */
export const SILENT = -1;
/** Steps of what is left unsaid, in the level of words. */
export const REST_STEPS = 4;

/** Upper ends of the relative difference. */
const AMOUNT_ENDS = [0.0005, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.07, 0.09, 0.12, 0.2];
/** Upper ends of the lag in days, either way. */
const LAG_ENDS = [...Array.from({ length: 15 }, (_, day) => day), 17, 21, 28, 35, 50, 90];
/** Upper ends, in bits, of what neither row says of the other: words that only one of them has are no contradiction. */
const REST_ENDS = [0.5, 2, 4];
/** Steps of two bits that the rows say in common. */
const SHARED_STEPS_MAX = 12;

/** From temp.likely_pairs: temp.likely_patterned (e, i, pattern). @returns the patterns */
export async function comparePairs(connection: DuckDBConnection): Promise<Pattern[]> {
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE likely_shared AS
      WITH said AS MATERIALIZED (SELECT e, i, key, bits FROM temp.likely_pairs JOIN temp.likely_keys ON side = 'e' AND n = e)
      SELECT e, i, sum(said.bits) AS bits FROM said JOIN temp.likely_keys told ON told.side = 'i' AND told.n = said.i AND told.key = said.key GROUP BY e, i;
    CREATE OR REPLACE TEMP TABLE likely_levels AS SELECT e, i,
        CASE WHEN one.amount = other.amount THEN 0 ELSE (1 + ${stepSql('abs(one.amount - other.amount) / greatest(abs(one.amount), abs(other.amount))', AMOUNT_ENDS)}) * CASE WHEN abs(one.amount) < abs(other.amount) THEN -1 ELSE 1 END END AS amount,
        ${stepSql('abs(lag)', LAG_ENDS)} * sign(lag) AS date,
        CASE WHEN said.bits IS NULL OR told.bits IS NULL THEN ${SILENT} ELSE least(${SHARED_STEPS_MAX}, CASE WHEN coalesce(shared.bits, 0) = 0 THEN 0 ELSE 1 + shared.bits // 2000 END) * ${REST_STEPS}
          + ${stepSql('(least(said.bits, told.bits) - coalesce(shared.bits, 0)) / 1000', REST_ENDS)} END AS words
      FROM (SELECT p.e, p.i, one, other, CAST(floor((one.at_ms - other.at_ms) / ${DAY_MS}) AS INTEGER) AS lag FROM temp.likely_pairs p
        JOIN temp.likely_rows one ON one.side = 'e' AND one.n = p.e JOIN temp.likely_rows other ON other.side = 'i' AND other.n = p.i) p
      LEFT JOIN temp.likely_shared shared USING (e, i) LEFT JOIN temp.likely_texts said ON said.side = 'e' AND said.n = e LEFT JOIN temp.likely_texts told ON told.side = 'i' AND told.n = i;
    CREATE OR REPLACE TEMP TABLE likely_patterns AS SELECT CAST(row_number() OVER (ORDER BY amount, date, words) - 1 AS INTEGER) AS pattern, amount, date, words, count(*) AS pairs FROM temp.likely_levels GROUP BY amount, date, words;
    CREATE OR REPLACE TEMP TABLE likely_patterned AS SELECT e, i, pattern FROM temp.likely_levels JOIN temp.likely_patterns USING (amount, date, words);
    DROP TABLE temp.likely_shared; DROP TABLE temp.likely_levels; DROP TABLE temp.likely_pairs`);
  const found = await rowsOf(connection, 'SELECT pattern, amount, date, words, pairs FROM temp.likely_patterns ORDER BY pattern');
  await connection.run('DROP TABLE temp.likely_patterns');
  return found.map((row) => {
    const [pattern, amount, date, words, pairs] = row.map(Number) as [number, number, number, number, number];
    return { pattern, amount, date, words, pairs };
  });
}

/** The place of the first end that the value does not exceed. */
function stepSql(value: string, ends: readonly number[]): string {
  return `CASE ${ends.map((end, step) => `WHEN ${value} <= ${end} THEN ${step}`).join(' ')} ELSE ${ends.length} END`;
}
