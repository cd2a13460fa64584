// Incidents: what somebody must know of, from when to when, with the rows that show it. One is open per code and subject; it closes by
// itself when its cause has gone. Written in the transaction that found the cause, so both stay or neither does.

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal, nullable } from '../../infra/runtime/sql-text.ts';
import type { Severity } from '../checks/check.ts';

/** What went wrong, in the words of docs/runbook.md. */
export type IncidentCode =
  | 'LF_GOLD_HELD'
  | 'LF_CHECK_FAILED'
  | 'LF_JOB_FAILED'
  | 'LF_PIPELINE_PROBLEM'
  | 'LF_RECON_BREAKS'
  | 'LF_RECON_REFUSED'
  | 'LF_RECON_CONTINUITY'
  | 'LF_SELF_BREAK'
  | 'LF_FRAUD_RULE_WILD'
  | 'LF_FRAUD_ALERTS';

export interface Finding {
  readonly code: IncidentCode;
  readonly severity: Severity;
  /** The check, job or part it is about. */
  readonly subject: string;
  readonly summary: string;
  /** What was expected, what to do. */
  readonly detail: string;
  /** Rows that show it, as JSON; empty when there are none. */
  readonly rows: readonly string[];
  /** Dimension of quality it is about, for objectives; null for none. */
  readonly dimension: string | null;
  /** Table it is about; null: all of gold. */
  readonly table: string | null;
}

export const INCIDENTS_DDL = `
CREATE SEQUENCE IF NOT EXISTS ops.incident_ids;
CREATE TABLE IF NOT EXISTS ops.incidents (incident_id BIGINT NOT NULL, code VARCHAR NOT NULL, severity VARCHAR NOT NULL, subject VARCHAR NOT NULL, opened_at TIMESTAMPTZ NOT NULL,
  closed_at TIMESTAMPTZ, summary VARCHAR NOT NULL, detail VARCHAR NOT NULL, rows VARCHAR NOT NULL, dimension VARCHAR, table_name VARCHAR, updated_at TIMESTAMPTZ NOT NULL,
  acknowledged_by VARCHAR, acknowledged_at TIMESTAMPTZ, silenced_until TIMESTAMPTZ, silenced_by VARCHAR, note VARCHAR);
`;

const isOpen = (code: IncidentCode, subject: string): string =>
  `code = ${literal(code)} AND subject = ${literal(subject)} AND closed_at IS NULL`;

/** Opens an incident, or brings the open one of the same code and subject to what is found now. */
export function openIncidentSql(finding: Finding): string {
  const { code, severity, subject, dimension, table } = finding;
  const [summary, detail, rows] = [finding.summary, finding.detail, `[${finding.rows.join(',')}]`].map(literal);
  return `UPDATE ops.incidents SET summary = ${summary}, detail = ${detail}, rows = ${rows}, severity = ${literal(severity)}, updated_at = now() WHERE ${isOpen(code, subject)};
INSERT INTO ops.incidents (incident_id, code, severity, subject, opened_at, summary, detail, rows, dimension, table_name, updated_at)
SELECT nextval('ops.incident_ids'), ${literal(code)}, ${literal(severity)}, ${literal(subject)}, now(), ${summary}, ${detail}, ${rows}, ${nullable(dimension)}, ${nullable(table)}, now()
WHERE NOT EXISTS (FROM ops.incidents WHERE ${isOpen(code, subject)})`;
}

/** Its cause has gone. */
export function closeIncidentSql(code: IncidentCode, subject: string): string {
  return `UPDATE ops.incidents SET closed_at = now(), updated_at = now() WHERE ${isOpen(code, subject)}`;
}

/** The causes of all others of this code have gone. @param open relation of subjects whose cause holds, as SQL for IN (…); empty: none does */
export function closeOthersSql(code: IncidentCode, open: string): string {
  const still = open === '' ? '' : ` AND subject NOT IN (${open})`;
  return `UPDATE ops.incidents SET closed_at = now(), updated_at = now() WHERE code = ${literal(code)} AND closed_at IS NULL${still}`;
}

export async function createIncidents(connection: DuckDBConnection): Promise<void> {
  await connection.run(INCIDENTS_DDL);
}
