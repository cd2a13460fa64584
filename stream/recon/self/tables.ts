// Tables of the pipeline's reconciliation of itself: ops.self_runs, one row per run; ops.self_counts, one row per run, leg, table and hour
// with what both ends of the leg counted. Rows of old runs go; what they found open stays as an incident.

export const SELF_DDL = `
CREATE SEQUENCE IF NOT EXISTS ops.self_run_ids;
CREATE TABLE IF NOT EXISTS ops.self_runs (run_id BIGINT NOT NULL, taken_at TIMESTAMPTZ NOT NULL, gtid VARCHAR NOT NULL, commit_id BIGINT NOT NULL, gold_commit_id BIGINT NOT NULL, hours VARCHAR[] NOT NULL,
  whole BOOLEAN NOT NULL, requested_by VARCHAR NOT NULL, equal BIGINT NOT NULL, different BIGINT NOT NULL, unproven BIGINT NOT NULL, duration_ms BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS ops.self_counts (run_id BIGINT NOT NULL, table_name VARCHAR NOT NULL, hour TIMESTAMP, leg VARCHAR NOT NULL, left_rows BIGINT NOT NULL, right_rows BIGINT NOT NULL,
  left_sums VARCHAR, right_sums VARCHAR, status VARCHAR NOT NULL, reason VARCHAR, exempt VARCHAR NOT NULL, named VARCHAR NOT NULL);
CREATE OR REPLACE VIEW gold.self_reconciliation AS SELECT c.run_id, r.taken_at AT TIME ZONE 'UTC' AS taken_at, c.table_name, c.hour, c.leg, split_part(c.leg, '_', 1) AS left_stage,
  split_part(c.leg, '_', 2) AS right_stage, c.left_rows, c.right_rows, c.left_sums, c.right_sums, c.status = 'equal' AS matches, c.status, c.reason, c.exempt, c.named, r.gtid,
  CASE WHEN c.leg = 'silver_gold' THEN r.gold_commit_id ELSE r.commit_id END AS commit_id, r.requested_by FROM ops.self_counts c JOIN ops.self_runs r ON r.run_id = c.run_id;
`;

/** Hourly runs of three weeks. */
const RUNS_KEPT = 500;

export const PRUNE_SELF_SQL = `DELETE FROM ops.self_counts WHERE run_id <= (SELECT max(run_id) - ${RUNS_KEPT} FROM ops.self_runs);
DELETE FROM ops.self_runs WHERE run_id <= (SELECT max(run_id) - ${RUNS_KEPT} FROM ops.self_runs)`;
