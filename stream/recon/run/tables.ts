// Tables of reconciliation in the store, and the views in gold over them. Rows of runs, matches, findings, logs and events are added, never
// changed or removed; only a run's own row moves on through its stages.
//
//   ops.recon_runs       one row per (source, business date, attempt)        ops.recon_files     every file that was read, by its SHA-256
//   ops.recon_rows       every row of either side, once                      ops.recon_parked    lines of files that could not be read
//   ops.recon_matches    what belongs together; ops.recon_match_rows its rows; ops.recon_undone matches that a person took back
//   ops.recon_findings   what each run could not settle, with its reason      ops.recon_log       every run's log, chained by hashes
//   ops.recon_breaks     what somebody has to work off; ops.recon_break_rows  ops.recon_break_events  its transitions, chained by hashes

import { CONTINUITY_VIEW } from './continuity-view.ts';

export const RECON_DDL = `
CREATE SEQUENCE IF NOT EXISTS ops.recon_run_ids; CREATE SEQUENCE IF NOT EXISTS ops.recon_row_ids; CREATE SEQUENCE IF NOT EXISTS ops.recon_match_ids;
CREATE TABLE IF NOT EXISTS ops.recon_runs (run_id BIGINT NOT NULL, source VARCHAR NOT NULL, business_date DATE NOT NULL, attempt INTEGER NOT NULL, stage VARCHAR NOT NULL, state VARCHAR NOT NULL,
  trigger VARCHAR NOT NULL, requested_by VARCHAR NOT NULL, file_name VARCHAR, file_path VARCHAR, file_sha256 VARCHAR, internal_path VARCHAR, definition VARCHAR NOT NULL, rule_set VARCHAR NOT NULL,
  commit_id BIGINT, gtid VARCHAR, queued_at TIMESTAMPTZ NOT NULL, started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ, code VARCHAR, error VARCHAR, chain_from VARCHAR, chain_head VARCHAR, log_entries BIGINT);
CREATE TABLE IF NOT EXISTS ops.recon_files (sha256 VARCHAR NOT NULL, source VARCHAR NOT NULL, business_date DATE NOT NULL, run_id BIGINT NOT NULL, file_name VARCHAR NOT NULL, bytes BIGINT NOT NULL,
  entries BIGINT NOT NULL, parked BIGINT NOT NULL, statements VARCHAR NOT NULL, read_at TIMESTAMPTZ NOT NULL);
CREATE TABLE IF NOT EXISTS ops.recon_positions (source VARCHAR NOT NULL, position VARCHAR NOT NULL, run_id BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS ops.recon_rows (row_no BIGINT NOT NULL, source VARCHAR NOT NULL, side VARCHAR NOT NULL, row_id VARCHAR NOT NULL, occurrence BIGINT NOT NULL, booked_at TIMESTAMP NOT NULL, value_date DATE,
  amount DECIMAL(28,4) NOT NULL, currency VARCHAR NOT NULL, reference VARCHAR NOT NULL, description VARCHAR NOT NULL, batch_key VARCHAR NOT NULL, match_key VARCHAR NOT NULL,
  reference_key VARCHAR NOT NULL, run_id BIGINT NOT NULL, line BIGINT, raw VARCHAR);
CREATE TABLE IF NOT EXISTS ops.recon_parked (run_id BIGINT NOT NULL, line BIGINT NOT NULL, reason VARCHAR NOT NULL, raw VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS ops.recon_matches (match_id BIGINT NOT NULL, run_id BIGINT, source VARCHAR NOT NULL, tier VARCHAR NOT NULL, score DOUBLE NOT NULL, components VARCHAR, margin DOUBLE,
  why VARCHAR NOT NULL, actor VARCHAR NOT NULL, matched_at TIMESTAMPTZ NOT NULL);
CREATE TABLE IF NOT EXISTS ops.recon_match_rows (match_id BIGINT NOT NULL, side VARCHAR NOT NULL, row_no BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS ops.recon_undone (match_id BIGINT NOT NULL, actor VARCHAR NOT NULL, reason VARCHAR NOT NULL, undone_at TIMESTAMPTZ NOT NULL);
CREATE TABLE IF NOT EXISTS ops.recon_findings (run_id BIGINT NOT NULL, ordinal BIGINT NOT NULL, kind VARCHAR NOT NULL, reason VARCHAR NOT NULL, score DOUBLE, components VARCHAR, why VARCHAR NOT NULL,
  external BIGINT[] NOT NULL, internal BIGINT[] NOT NULL);
CREATE TABLE IF NOT EXISTS ops.recon_log (run_id BIGINT NOT NULL, seq BIGINT NOT NULL, logged_at TIMESTAMPTZ NOT NULL, kind VARCHAR NOT NULL, matched BOOLEAN, external_ids VARCHAR[], internal_ids VARCHAR[],
  tier VARCHAR, score DOUBLE, components VARCHAR, reason VARCHAR, message VARCHAR NOT NULL, content_hash VARCHAR NOT NULL, hash VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS ops.recon_breaks (break_id VARCHAR NOT NULL, source VARCHAR NOT NULL, run_id BIGINT NOT NULL, business_date DATE NOT NULL, reason VARCHAR NOT NULL, score DOUBLE,
  components VARCHAR, why VARCHAR NOT NULL, currency VARCHAR NOT NULL, external_amount DECIMAL(38,4), internal_amount DECIMAL(38,4), row_day DATE NOT NULL, opened_at TIMESTAMPTZ NOT NULL, due_at TIMESTAMPTZ NOT NULL);
CREATE TABLE IF NOT EXISTS ops.recon_break_rows (break_id VARCHAR NOT NULL, side VARCHAR NOT NULL, row_no BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS ops.recon_break_events (seq BIGINT NOT NULL, break_id VARCHAR NOT NULL, happened_at TIMESTAMPTZ NOT NULL, actor VARCHAR NOT NULL, kind VARCHAR NOT NULL, from_state VARCHAR,
  to_state VARCHAR, note VARCHAR NOT NULL, data VARCHAR, hash VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS ops.recon_summaries (run_id BIGINT NOT NULL, source VARCHAR NOT NULL, business_date DATE NOT NULL, attempt INTEGER NOT NULL, external_rows BIGINT NOT NULL,
  internal_rows BIGINT NOT NULL, matched_external BIGINT NOT NULL, matched_internal BIGINT NOT NULL, exact BIGINT NOT NULL, fuzzy BIGINT NOT NULL, grouped BIGINT NOT NULL, breaks BIGINT NOT NULL,
  expected BIGINT NOT NULL, parked BIGINT NOT NULL, new_breaks BIGINT NOT NULL, resolved_breaks BIGINT NOT NULL, reasons VARCHAR NOT NULL, sums VARCHAR NOT NULL, finished_at TIMESTAMPTZ NOT NULL);
CREATE TABLE IF NOT EXISTS ops.recon_event_head (seq BIGINT NOT NULL, hash VARCHAR NOT NULL);
INSERT INTO ops.recon_event_head SELECT 0, repeat('0', 64) WHERE NOT EXISTS (FROM ops.recon_event_head);
CREATE OR REPLACE VIEW ops.recon_active_rows AS SELECT r.match_id, r.side, r.row_no FROM ops.recon_match_rows r ANTI JOIN ops.recon_undone u ON u.match_id = r.match_id;
CREATE OR REPLACE VIEW ops.recon_break_states AS SELECT break_id, arg_max(to_state, seq) FILTER (WHERE to_state IS NOT NULL) AS state, arg_max(actor, seq) FILTER (WHERE to_state IS NOT NULL) AS state_by,
  max(happened_at) FILTER (WHERE to_state IS NOT NULL) AS state_at, arg_max(data, seq) FILTER (WHERE kind = 'owner') AS owner, count(*) FILTER (WHERE kind = 'comment') AS comments,
  count(*) FILTER (WHERE kind = 'evidence') AS evidence, arg_max(note, seq) FILTER (WHERE note <> '') AS last_note FROM ops.recon_break_events GROUP BY break_id;
CREATE OR REPLACE VIEW gold.recon_summary AS SELECT s.run_id, s.source, s.business_date, s.attempt, r.state, external_rows, internal_rows, matched_external, matched_internal, exact, fuzzy, grouped, breaks,
  expected, parked, new_breaks, resolved_breaks, CASE WHEN external_rows = 0 THEN NULL ELSE round(matched_external / external_rows, 6) END AS match_rate, reasons, sums,
  r.rule_set, r.file_name, r.file_sha256, r.commit_id, r.gtid, s.finished_at AT TIME ZONE 'UTC' AS finished_at FROM ops.recon_summaries s JOIN ops.recon_runs r ON r.run_id = s.run_id;
CREATE OR REPLACE VIEW gold.recon_breaks AS SELECT b.break_id, b.source, b.business_date, b.reason, s.state, s.owner, b.currency, b.external_amount, b.internal_amount,
  coalesce(b.external_amount, 0) - coalesce(b.internal_amount, 0) AS difference, greatest(abs(coalesce(b.external_amount, 0)), abs(coalesce(b.internal_amount, 0))) AS exposure, b.score, b.components, b.why,
  b.row_day, greatest(0, date_diff('day', b.row_day, CAST(now() AT TIME ZONE 'UTC' AS DATE))) AS age_days,
  CASE WHEN age_days <= 1 THEN '0-1' WHEN age_days <= 3 THEN '2-3' WHEN age_days <= 7 THEN '4-7' WHEN age_days <= 30 THEN '8-30' ELSE '>30' END AS age_bucket,
  b.opened_at AT TIME ZONE 'UTC' AS opened_at, b.due_at AT TIME ZONE 'UTC' AS due_at, s.state NOT IN ('resolved') AND now() > b.due_at AS overdue, s.comments, s.evidence, s.last_note,
  s.state_by, s.state_at AT TIME ZONE 'UTC' AS state_at, b.run_id FROM ops.recon_breaks b JOIN ops.recon_break_states s ON s.break_id = b.break_id;
${CONTINUITY_VIEW}`;

/** What a run goes through, in order; each is one transaction of the store. */
export const STAGES = ['load', 'match', 'log', 'finalise'] as const;
export type Stage = (typeof STAGES)[number];
/** refused: the file is not believed; failed: it could not be done. Either can be run again as a new attempt. */
export type ReconState = 'queued' | 'running' | 'succeeded' | 'refused' | 'failed';

/** `every`: a window of a source that is read continuously. */
export type RunTrigger = 'cli' | 'api' | 'schedule' | 'every';

/** Who acts when no person does. */
export const ENGINE = 'engine';
