// Runs checks and keeps their results small: the latest row per check, plus one row per change of result.

import type { DuckDBConnection, DuckDBResultReader } from '@duckdb/node-api';
import { literal } from '../../infra/runtime/sql-text.ts';
import { closeIncidentSql, createIncidents, openIncidentSql } from '../quality/incidents.ts';
import type { Check } from './check.ts';

export interface CheckResult {
  readonly check: Check;
  readonly passed: boolean;
  /** Violating rows, up to VIOLATIONS_MAX of them. */
  readonly observed: string;
  /** They as JSON; none when it passed. */
  readonly rows?: readonly string[];
}

/** A check with the SQL to run now (relations already resolved). */
export interface DueCheck {
  readonly check: Check;
  readonly sql: string;
}

const VIOLATIONS_MAX = 20;
const NO_VIOLATION = 'no violation';

/** Runs the checks as one statement; its text stays the same while the same checks are due, so that it is planned once. */
export async function runChecks(read: (sql: string) => Promise<DuckDBResultReader>, due: readonly DueCheck[]): Promise<CheckResult[]> {
  if (due.length === 0) return [];
  const parts = due.map(
    ({ sql }, index) =>
      `SELECT ${index} AS i, to_json(v)::VARCHAR AS violation FROM (SELECT * FROM (${sql}) LIMIT ${VIOLATIONS_MAX + 1}) AS v`,
  );
  const found = (await read(parts.join('\nUNION ALL '))).getRows() as [number, string][];
  return due.map(({ check }, index) => {
    const rows = found.filter(([i]) => i === index).map(([, violation]) => violation);
    const number = rows.length > VIOLATIONS_MAX ? `more than ${VIOLATIONS_MAX}` : String(rows.length);
    return {
      check,
      passed: rows.length === 0,
      observed: rows.length === 0 ? NO_VIOLATION : `${number} violating rows: ${rows.slice(0, VIOLATIONS_MAX).join(' ')}`,
      rows: rows.slice(0, VIOLATIONS_MAX),
    };
  });
}

/** Message of the error that a violated check raises in `gateSql`. */
const VIOLATED = 'LF_CHECK_VIOLATED';

/** One statement that raises VIOLATED when any of the checks finds something, and gives no result: it need not be fetched then. */
export function gateSql(due: readonly DueCheck[]): string {
  const parts = due.map(({ sql }, index) => `SELECT ${index} AS i FROM (${sql})`);
  return `SELECT CASE WHEN i >= 0 THEN error('${VIOLATED}') END FROM (${parts.join('\nUNION ALL ')})`;
}

export function passed({ check }: DueCheck): CheckResult {
  return { check, passed: true, observed: NO_VIOLATION };
}

/** Statements that record results: a changed result adds a row, an unchanged one renews the check's last row. */
export function recordSql(results: readonly CheckResult[], previous: ReadonlyMap<string, boolean>, commitId: number): string {
  const statements = results.map(({ check, passed, observed, rows = [] }) => {
    const name = literal(check.name);
    if (previous.get(check.name) === passed) {
      return `UPDATE ops.checks SET commit_id = ${commitId}, checked_at = now(), observed = ${literal(observed)} WHERE check_name = ${name} AND checked_at = (SELECT max(checked_at) FROM ops.checks WHERE check_name = ${name})`;
    }
    return `${incidentSql({ check, passed, observed, rows })};
INSERT INTO ops.checks VALUES (${name}, ${literal(check.model)}, ${literal(check.severity)}, ${passed}, ${literal(observed)}, ${literal(check.expected)}, ${commitId}, now())`;
  });
  return statements.join(';\n');
}

/** A failed check opens an incident with the rows that violate it; when it passes again it closes. */
function incidentSql({ check, passed, observed, rows = [] }: CheckResult): string {
  const code = check.severity === 'block' ? 'LF_GOLD_HELD' : 'LF_CHECK_FAILED';
  if (passed) return closeIncidentSql(code, check.name);
  const held = check.severity === 'block' ? 'gold stays at its last good state' : 'gold goes on';
  return openIncidentSql({
    ...{ code, severity: check.severity, subject: check.name, rows, dimension: 'accuracy', table: null },
    summary: `${check.name}: ${observed.split(':')[0] ?? ''} in gold.${check.model}; ${held}`,
    detail: `expected: ${check.expected}`,
  });
}

/** Last known result per check. Makes the table of incidents where it is missing: a changed result writes to it. */
export async function readLastResults(connection: DuckDBConnection): Promise<Map<string, boolean>> {
  await createIncidents(connection);
  const reader = await connection.runAndReadAll('SELECT check_name, arg_max(passed, checked_at) FROM ops.checks GROUP BY check_name');
  return new Map(reader.getRows().map(([name, passed]) => [name as string, passed as boolean]));
}
