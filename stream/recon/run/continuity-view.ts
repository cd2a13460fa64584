// The chain of every account's statements, and where it breaks.

/**
 * gold.recon_continuity: one row per statement that does not follow on the one before of its source, account and currency. Of a day that was
 * run again the last attempt's files count. Statements without both balances (MT942, camt.054) are in no chain.
 */
export const CONTINUITY_VIEW = `CREATE OR REPLACE VIEW gold.recon_continuity AS WITH files AS (SELECT *, rowid AS place FROM ops.recon_files QUALIFY run_id = max(run_id) OVER (PARTITION BY source, business_date)),
told AS (SELECT source, business_date, run_id, file_name, place, unnest(CAST(statements AS JSON[])) AS s FROM files),
chain AS (SELECT source, business_date, run_id, file_name, place, s->>'account' AS account, s->>'currency' AS currency, CAST(s->>'index' AS BIGINT) AS i, coalesce(nullif(s->>'number', ''), s->>'id') AS statement,
  TRY_CAST(split_part(s->>'number', '/', 1) AS BIGINT) AS seq, coalesce(TRY_CAST(split_part(s->>'number', '/', 2) AS BIGINT), 1) AS page,
  CAST(s->'opening'->>'amount' AS DECIMAL(38,4)) AS opening, CAST(s->'closing'->>'amount' AS DECIMAL(38,4)) AS closing FROM told),
pairs AS (SELECT *, lag(business_date) OVER w AS before_date, lag(run_id) OVER w AS before_run, lag(statement) OVER w AS before_statement, lag(seq) OVER w AS before_seq, lag(page) OVER w AS before_page,
  lag(opening) OVER w AS before_opening, lag(closing) OVER w AS expected FROM chain WHERE opening IS NOT NULL AND closing IS NOT NULL WINDOW w AS (PARTITION BY source, account, currency ORDER BY business_date, place, i)),
judged AS (SELECT *, CASE
    WHEN expected IS NULL THEN NULL
    WHEN seq < before_seq AND seq > 1 OR seq = before_seq AND page <= before_page THEN 'number ' || statement || ' comes after number ' || before_statement
    WHEN seq > before_seq + 1 THEN 'numbers between ' || before_statement || ' and ' || statement || ' are missing'
    WHEN opening <> expected THEN 'it opens with ' || opening || ', the one before closed with ' || expected END AS why,
  seq < before_seq AND seq > 1 OR seq = before_seq AND page <= before_page OR opening <> expected AND opening = before_opening AND (seq IS NULL OR seq <= before_seq) AS is_overlap FROM pairs)
SELECT source, account, currency, business_date, statement, run_id, file_name, before_date, before_statement, before_run, CASE WHEN coalesce(is_overlap, false) THEN 'overlap' ELSE 'gap' END AS kind, expected, opening,
  opening - expected AS difference, why FROM judged WHERE why IS NOT NULL;
`;
