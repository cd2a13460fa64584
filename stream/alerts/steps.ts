// What people said of incidents: ops.incident_steps, one row for each time, never changed. The incident itself carries the newest.

import { literal } from '../../infra/runtime/sql-text.ts';

export const INCIDENT_STEPS_DDL = `
CREATE SEQUENCE IF NOT EXISTS ops.incident_step_ids;
CREATE TABLE IF NOT EXISTS ops.incident_steps (seq BIGINT NOT NULL, incident_id BIGINT NOT NULL, done_at TIMESTAMPTZ NOT NULL, actor VARCHAR NOT NULL, action VARCHAR NOT NULL,
  minutes INTEGER, note VARCHAR NOT NULL);
`;

interface Step {
  readonly id: number;
  readonly by: string;
  readonly note: string;
}

export type IncidentStep =
  | (Step & { readonly action: 'acknowledge' })
  /** 0 minutes: no longer. */
  | (Step & { readonly action: 'silence'; readonly minutes: number });

const instant = (at: Date): string => `TIMESTAMPTZ ${literal(at.toISOString())}`;

/** The open incident with who looks after it, or how long it is quiet. */
export function markSql(step: IncidentStep, now: Date): string {
  const by = literal(step.by);
  const until = step.action === 'silence' && step.minutes > 0 ? `${instant(now)} + INTERVAL ${step.minutes} MINUTE` : 'NULL';
  const set =
    step.action === 'acknowledge'
      ? `acknowledged_by = ${by}, acknowledged_at = ${instant(now)}`
      : `silenced_until = ${until}, silenced_by = ${by}`;
  return `UPDATE ops.incidents SET ${set}, note = ${literal(step.note)}, updated_at = now() WHERE incident_id = ${step.id} AND closed_at IS NULL`;
}

export function stepSql(step: IncidentStep, now: Date): string {
  const minutes = step.action === 'silence' ? String(step.minutes) : 'NULL';
  return `INSERT INTO ops.incident_steps SELECT nextval('ops.incident_step_ids'), ${step.id}, ${instant(now)}, ${literal(step.by)}, ${literal(step.action)}, ${minutes}, ${literal(step.note)}`;
}
