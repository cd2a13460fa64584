// Stage 3: the run's log, written once: the run, its file, lines that could not be read, every match with score and components, every
// row without one with its reason. Chained to the log of the run before.

import { literal } from '../../../infra/runtime/sql-text.ts';
import { chainEntries, GENESIS, LOG_CONTENT_HASH } from './chain.ts';
import { rowsOf, type StageContext } from './stage.ts';

export async function log({ connection, run, position, now }: StageContext): Promise<void> {
  const { runId, source, date, attempt, requestedBy } = run;
  const at = `TIMESTAMPTZ ${literal(now.toISOString())}`;
  const opened = literal(
    `${source.name} ${date}, attempt ${attempt}, asked for by ${requestedBy}; rules ${source.rules.id} version ${source.rules.version}; our side as of commit ${position.commitId}`,
  );
  const none =
    'NULL::BOOLEAN AS matched, NULL::VARCHAR[] AS external_ids, NULL::VARCHAR[] AS internal_ids, NULL::VARCHAR AS tier, NULL::DOUBLE AS score, NULL::VARCHAR AS components';
  // A match of many rows needs ordered lists; most have one row of either side, and a million such lists would need more memory than all the rest.
  await connection.run(`CREATE OR REPLACE TEMP TABLE recon_sizes AS SELECT match_id, count(*) AS size, any_value(row_no) FILTER (WHERE side = 'external') AS external, any_value(row_no) FILTER (WHERE side = 'internal') AS internal
      FROM ops.recon_match_rows WHERE match_id IN (SELECT match_id FROM ops.recon_matches WHERE run_id = ${runId}) GROUP BY match_id;
    CREATE OR REPLACE TEMP TABLE recon_ids AS
      SELECT n.match_id AS id, 'm' AS of, [e.row_id] AS external, [i.row_id] AS internal FROM temp.recon_sizes n JOIN ops.recon_rows e ON e.row_no = n.external JOIN ops.recon_rows i ON i.row_no = n.internal WHERE n.size = 2
    UNION ALL
      SELECT n.match_id, 'm', list(r.row_id ORDER BY r.row_no) FILTER (WHERE n.side = 'external'), list(r.row_id ORDER BY r.row_no) FILTER (WHERE n.side = 'internal')
      FROM ops.recon_match_rows n JOIN temp.recon_sizes m ON m.match_id = n.match_id AND (m.size <> 2 OR m.external IS NULL OR m.internal IS NULL) JOIN ops.recon_rows r ON r.row_no = n.row_no GROUP BY n.match_id
    UNION ALL
      SELECT f.ordinal, 'f', list(r.row_id ORDER BY r.row_no) FILTER (WHERE f.side = 'external'), list(r.row_id ORDER BY r.row_no) FILTER (WHERE f.side = 'internal')
      FROM (SELECT ordinal, 'external' AS side, unnest(external) AS row_no FROM ops.recon_findings WHERE run_id = ${runId}
        UNION ALL SELECT ordinal, 'internal', unnest(internal) FROM ops.recon_findings WHERE run_id = ${runId}) f JOIN ops.recon_rows r ON r.row_no = f.row_no GROUP BY f.ordinal;
    CREATE OR REPLACE TEMP TABLE recon_entries AS SELECT *, ${LOG_CONTENT_HASH} AS content_hash FROM (
      SELECT ${runId}::BIGINT AS run_id, row_number() OVER (ORDER BY part, n) AS seq, ${at} AS logged_at, * EXCLUDE (part, n) FROM (
        SELECT 1 AS part, 0::BIGINT AS n, 'run' AS kind, ${none}, NULL::VARCHAR AS reason, ${opened} AS message
        UNION ALL SELECT 2, 0, 'file', ${none}, NULL, file_name || ', SHA-256 ' || sha256 || ', ' || entries || ' entries' FROM ops.recon_files WHERE run_id = ${runId}
        UNION ALL SELECT 3, line, 'parked', ${none}, 'parse', 'line ' || line || ': ' || reason FROM ops.recon_parked WHERE run_id = ${runId}
        UNION ALL SELECT 4, m.match_id, 'match', true, i.external, i.internal, tier, score, components, NULL, why FROM ops.recon_matches m JOIN temp.recon_ids i ON i.of = 'm' AND i.id = m.match_id
          WHERE m.run_id = ${runId}
        UNION ALL SELECT 5, ordinal, kind, false, i.external, i.internal, NULL, score, components, reason, why FROM ops.recon_findings f JOIN temp.recon_ids i ON i.of = 'f' AND i.id = f.ordinal
          WHERE f.run_id = ${runId})) ORDER BY seq`);
  const [[before]] = (await rowsOf(
    connection,
    `SELECT coalesce((SELECT chain_head FROM ops.recon_runs WHERE run_id < ${runId} AND chain_head IS NOT NULL ORDER BY run_id DESC LIMIT 1), '${GENESIS}')`,
  )) as [[string]];
  const head = await chainEntries(connection, before);
  await connection.run(`INSERT INTO ops.recon_log SELECT e.*, h.hash FROM temp.recon_entries e JOIN temp.recon_hashes h ON h.seq = e.seq ORDER BY e.seq;
    UPDATE ops.recon_runs SET chain_from = ${literal(before)}, chain_head = ${literal(head)}, log_entries = (SELECT count(*) FROM temp.recon_entries) WHERE run_id = ${runId};
    DROP TABLE temp.recon_entries; DROP TABLE temp.recon_hashes; DROP TABLE temp.recon_ids; DROP TABLE temp.recon_sizes`);
}
