// Runs quality checks on a connection and says what they found. A check that cannot be run is a finding of its own.

import type { DuckDBConnection } from '@duckdb/node-api';
import { messageOf } from '../../infra/runtime/errors.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { judgesCommits, judgesRows, relationsOf, type QualityCheck } from './check-file.ts';
import { violationsSql } from './kinds.ts';
import type { QualityResult } from './results.ts';

export const VIOLATIONS_COUNTED_MAX = 10_000;
const ROWS_KEPT_MAX = 20;
const NOTHING = { violations: 0, amount: '0', rows: [], error: null };

export interface EvaluationPlace {
  readonly connection: DuckDBConnection;
  readonly now: () => Date;
  /** Relations that exist: `silver.accounts`. */
  readonly relations: ReadonlySet<string>;
  /** Rows that changed of a captured table, for checks that judge rows; null: look at everything. */
  readonly changed: ((table: string) => string | null) | null;
  /** Versions of a captured table that the commits since the last run wrote, with _op and _commit; null: look at all. */
  readonly versions: ((table: string) => string) | null;
}

/** @param full the check has failed before, or nothing is known of it: changed rows alone would not tell that it is mended */
export async function evaluate(check: QualityCheck, place: EvaluationPlace, full: boolean): Promise<QualityResult> {
  const { connection, relations } = place;
  const startedAt = place.now();
  const { table } = check.header;
  const changed = full || !judgesRows(check) ? null : (place.changed?.(table) ?? null);
  const versions = full || !judgesCommits(check) ? null : (place.versions?.(table) ?? null);
  const form = changed === null && versions === null ? 'full' : 'changed';
  const ended = (found: Pick<QualityResult, 'status' | 'violations' | 'amount' | 'rows' | 'error'>): QualityResult => ({
    ...{ check, form, startedAt, durationMs: place.now().getTime() - startedAt.getTime() },
    ...found,
  });
  if (relationsOf(check).some((relation) => !relations.has(relation))) return ended({ ...NOTHING, status: 'skipped' });
  const sql = violationsSql(check, {
    ...{ from: changed ?? table, versions },
    now: `TIMESTAMP ${literal(startedAt.toISOString().replace('Z', ''))}`,
  });
  try {
    const reader = await connection.runAndReadAll(
      `SELECT row::VARCHAR, count(*) OVER (), coalesce(sum(abs(TRY_CAST(row->>'$.amount' AS DECIMAL(38, 4)))) OVER (), 0)::VARCHAR
FROM (SELECT to_json(v) AS row FROM (SELECT * FROM (${sql}) LIMIT ${VIOLATIONS_COUNTED_MAX}) AS v) LIMIT ${ROWS_KEPT_MAX}`,
    );
    const rows = reader.getRows();
    const violations = Number(rows[0]?.[1] ?? 0);
    if (violations === 0) return ended({ ...NOTHING, status: 'passed' });
    return ended({ status: 'failed', violations, amount: rows[0]?.[2] as string, rows: rows.map(([row]) => row as string), error: null });
  } catch (error) {
    if (/interrupt/i.test(messageOf(error))) throw error;
    return ended({ ...NOTHING, status: 'error', error: messageOf(error).split('\n')[0] ?? '' });
  }
}

/**
 * Names of what can be read, from the store's own records. (DuckDB's catalog functions look into every attached database, that of a
 * publication too.) @param more tables of ops that checks read, where they are there
 */
export async function readRelations(connection: DuckDBConnection, more: readonly string[] = []): Promise<Set<string>> {
  const reader = await connection.runAndReadAll(
    `SELECT DISTINCT 'silver.' || table_name FROM ops.table_schemas UNION ALL SELECT 'gold.' || model FROM ops.gold_models WHERE status = 'ready'`,
  );
  return new Set([...reader.getRows().map(([name]) => name as string), ...more]);
}
