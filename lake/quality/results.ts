// Results of quality checks: ops.dq_results, and the view gold.dq_results over them and over the checks of gold's gate.

import { literal, nullable } from '../../infra/runtime/sql-text.ts';
import { INCIDENTS_DDL } from './incidents.ts';
import type { QualityCheck } from './check-file.ts';

/** passed, failed; error: the check itself could not be run; skipped: its table is not captured. */
export type CheckStatus = 'passed' | 'failed' | 'error' | 'skipped';

export interface QualityResult {
  readonly check: QualityCheck;
  readonly status: CheckStatus;
  /** Violating rows, counted up to VIOLATIONS_COUNTED_MAX. */
  readonly violations: number;
  /** Sum of their column `amount`, decimal text; 0 without one. */
  readonly amount: string;
  /** Some of them, as JSON. */
  readonly rows: readonly string[];
  /** Over changed rows, or over the whole table. */
  readonly form: 'changed' | 'full';
  readonly error: string | null;
  readonly startedAt: Date;
  readonly durationMs: number;
}

export const QUALITY_DDL = `${INCIDENTS_DDL}
CREATE TABLE IF NOT EXISTS ops.dq_results (run_id BIGINT NOT NULL, check_name VARCHAR NOT NULL, kind VARCHAR NOT NULL, table_name VARCHAR NOT NULL, severity VARCHAR NOT NULL,
  dimension VARCHAR NOT NULL, status VARCHAR NOT NULL, violations BIGINT NOT NULL, violating_rows VARCHAR NOT NULL, form VARCHAR NOT NULL, error VARCHAR, expected VARCHAR NOT NULL,
  started_at TIMESTAMPTZ NOT NULL, duration_ms BIGINT NOT NULL, commit_id BIGINT NOT NULL, gtid VARCHAR);
CREATE OR REPLACE VIEW gold.dq_results AS
SELECT run_id, check_name, kind, table_name, severity, dimension, status, violations, violating_rows, form, error, expected, started_at AT TIME ZONE 'UTC' AS started_at,
  duration_ms, commit_id, gtid FROM ops.dq_results
UNION ALL
SELECT 0, check_name, 'gate', 'gold.' || model, severity, 'accuracy', CASE WHEN passed THEN 'passed' ELSE 'failed' END, CASE WHEN passed THEN 0 ELSE 1 END, coalesce(observed, ''), 'changed',
  NULL, coalesce(expected, ''), checked_at AT TIME ZONE 'UTC', NULL, c.commit_id, k.gtid FROM ops.checks c LEFT JOIN ops.commits k ON k.commit_id = c.commit_id;
`;

const RESULTS_KEPT_PER_CHECK = 200;

export interface ResultPlace {
  readonly runId: number;
  readonly commitId: number;
  readonly gtid: string | null;
}

export function resultSql({ check, ...result }: QualityResult, at: ResultPlace): string {
  const { header } = check;
  const texts = [header.check, header.kind, header.table, header.severity, header.dimension, result.status].map(literal).join(', ');
  const error = nullable(result.error);
  const rows = literal(`[${result.rows.join(',')}]`);
  return `INSERT INTO ops.dq_results VALUES (${at.runId}, ${texts}, ${result.violations}, ${rows}, ${literal(result.form)}, ${error}, ${literal(header.expected)},
TIMESTAMPTZ ${literal(result.startedAt.toISOString())}, ${result.durationMs}, ${at.commitId}, ${nullable(at.gtid)})`;
}

/** Keeps the newest results of every check. */
export const PRUNE_RESULTS_SQL = `DELETE FROM ops.dq_results WHERE rowid IN
  (SELECT rowid FROM ops.dq_results QUALIFY row_number() OVER (PARTITION BY check_name ORDER BY started_at DESC, rowid DESC) > ${RESULTS_KEPT_PER_CHECK})`;

export const LAST_RESULTS_SQL = `SELECT check_name, arg_max(status, started_at), epoch_ms(max(started_at)) FROM ops.dq_results GROUP BY check_name`;
