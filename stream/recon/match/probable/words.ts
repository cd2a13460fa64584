// What the words of a row say, as keys with weights in bits: a word by its first letters (memos are cut off), by all of it, and with the
// word behind it. A key that few rows have says more than one that many have (inverse document frequency, Spärck Jones 1972). All in DuckDB.

import type { DuckDBConnection } from '@duckdb/node-api';

/** Letters that stand for a word: what is left of one that was cut off here still counts. */
const BEGINNING = 4;

/**
 * From temp.likely_rows (side, n, text): temp.likely_keys (side, n, key, bits), and temp.likely_texts (side, n, bits) with the sum of each row
 * that says anything.
 */
export async function weighWords(connection: DuckDBConnection): Promise<void> {
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE likely_words AS SELECT side, n, place, left(word, ${BEGINNING}) AS beginning, word FROM (
      SELECT side, n, generate_subscripts(words, 1) AS place, unnest(words) AS word FROM (
        SELECT side, n, list_filter(regexp_split_to_array(upper(strip_accents(text)), '[^\\p{L}\\p{N}]+'), lambda w: w <> '') AS words FROM temp.likely_rows));
    CREATE OR REPLACE TEMP TABLE likely_said AS SELECT DISTINCT side, n, kind, key, one, two FROM (
      SELECT side, n, 'begins' AS kind, beginning AS key, beginning AS one, NULL AS two FROM temp.likely_words
      UNION ALL SELECT side, n, 'word', word, beginning, NULL FROM temp.likely_words WHERE length(word) > ${BEGINNING}
      UNION ALL SELECT side, n, 'two', beginning || ' ' || next, beginning, next FROM (
        SELECT side, n, beginning, lead(beginning) OVER (PARTITION BY side, n ORDER BY place) AS next FROM temp.likely_words) WHERE next IS NOT NULL);
    CREATE OR REPLACE TEMP TABLE likely_weights AS
      WITH said AS (SELECT kind, key, one, two, count(*) AS rows FROM temp.likely_said GROUP BY ALL),
        beginnings AS (SELECT key, rows FROM said WHERE kind = 'begins'),
        whole AS (SELECT count(*) AS rows FROM temp.likely_rows)
      SELECT kind, said.key, greatest(0, CASE kind
          WHEN 'begins' THEN log2(whole.rows / said.rows)
          WHEN 'word' THEN log2(one.rows / said.rows)
          ELSE log2(one.rows::DOUBLE * two.rows / (said.rows * whole.rows)) END) AS bits
      FROM said LEFT JOIN beginnings one ON one.key = said.one LEFT JOIN beginnings two ON two.key = said.two, whole;
    CREATE OR REPLACE TEMP TABLE likely_keys AS SELECT side, n, hash(kind, key) AS key, CAST(bits * 1000 AS INTEGER) AS bits FROM temp.likely_said JOIN temp.likely_weights USING (kind, key);
    CREATE OR REPLACE TEMP TABLE likely_texts AS SELECT side, n, sum(bits) AS bits FROM temp.likely_keys GROUP BY side, n;
    DROP TABLE temp.likely_words; DROP TABLE temp.likely_said; DROP TABLE temp.likely_weights`);
}
