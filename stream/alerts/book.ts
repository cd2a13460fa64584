// What the store knows of notifications: ops.notifications, one row per incident, kind and sink, with how its delivery ended.

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../infra/runtime/sql-text.ts';
import type { Severity } from '../../lake/checks/check.ts';
import type { DueNotice, OpenIncident } from './due.ts';
import type { Notice } from './sinks.ts';

export const NOTIFICATIONS_DDL = `
CREATE SEQUENCE IF NOT EXISTS ops.notification_ids;
CREATE TABLE IF NOT EXISTS ops.notifications (notification_id BIGINT NOT NULL, incident_id BIGINT NOT NULL, kind VARCHAR NOT NULL, sink VARCHAR NOT NULL, status VARCHAR NOT NULL,
  attempts INTEGER NOT NULL, created_at TIMESTAMPTZ NOT NULL, sent_at TIMESTAMPTZ, error VARCHAR);
`;

/** Ends are told of incidents of the last days; older ones are history. */
const LOOK_BACK_DAYS = 7;
const KEPT_MAX = 10_000;

/** Incidents with what was said of them through a sink. A delivery that failed for good counts as told: the next one is a re-notification. */
export async function readIncidents(connection: DuckDBConnection, sink: string): Promise<OpenIncident[]> {
  const reader =
    await connection.runAndReadAll(`SELECT i.incident_id, i.code, i.severity, i.subject, i.summary, i.detail, epoch_ms(i.opened_at), epoch_ms(i.closed_at),
    i.acknowledged_at IS NOT NULL, epoch_ms(i.silenced_until), epoch_ms(n.told_at), coalesce(n.end_told, false)
  FROM ops.incidents i LEFT JOIN (SELECT incident_id, max(created_at) AS told_at, bool_or(kind = 'closed') AS end_told FROM ops.notifications WHERE sink = ${literal(sink)} GROUP BY incident_id) n
  ON n.incident_id = i.incident_id WHERE i.closed_at IS NULL OR i.closed_at > now() - INTERVAL ${LOOK_BACK_DAYS} DAY ORDER BY i.incident_id`);
  const ms = (value: unknown): number | null => (value === null ? null : Number(value));
  return reader.getRows().map(([id, code, severity, subject, summary, detail, opened, closed, acknowledged, silenced, told, endTold]) => ({
    ...{ id: Number(id), code: code as string, severity: severity as Severity, subject: subject as string },
    ...{ summary: summary as string, detail: detail as string, openedAtMs: Number(opened), closedAtMs: ms(closed) },
    ...{ acknowledged: acknowledged === true, silencedUntilMs: ms(silenced), toldAtMs: ms(told), endTold: endTold === true },
  }));
}

/** Writes it down before it is sent: what the end of the process breaks off is sent again by the next one. @returns its number */
export async function queueNotice(
  connection: DuckDBConnection,
  { incident, kind }: DueNotice,
  at: { sink: string; now: Date },
): Promise<number> {
  const reader = await connection.runAndReadAll(
    `INSERT INTO ops.notifications SELECT nextval('ops.notification_ids'), ${incident.id}, ${literal(kind)}, ${literal(at.sink)}, 'queued', 0, TIMESTAMPTZ ${literal(at.now.toISOString())}, NULL, NULL RETURNING notification_id`,
  );
  return Number(reader.getRows()[0]?.[0]);
}

export interface QueuedNotice extends Notice {
  readonly sink: string;
  readonly attempts: number;
}

export async function readQueued(connection: DuckDBConnection, max: number): Promise<QueuedNotice[]> {
  const reader =
    await connection.runAndReadAll(`SELECT n.notification_id, n.kind, n.sink, n.attempts, i.incident_id, i.code, i.severity, i.subject, i.summary, i.detail, epoch_ms(i.opened_at), epoch_ms(i.closed_at)
  FROM ops.notifications n JOIN ops.incidents i ON i.incident_id = n.incident_id WHERE n.status = 'queued' ORDER BY n.notification_id LIMIT ${max}`);
  const time = (value: unknown): string | null => (value === null ? null : new Date(Number(value)).toISOString());
  return reader.getRows().map(([id, kind, sink, attempts, incidentId, code, severity, subject, summary, detail, opened, closed]) => ({
    ...{ id: Number(id), kind: kind as string, sink: sink as string, attempts: Number(attempts), incidentId: Number(incidentId) },
    ...{
      code: code as string,
      severity: severity as string,
      subject: subject as string,
      summary: summary as string,
      detail: detail as string,
    },
    ...{ openedAt: time(opened) ?? '', closedAt: time(closed) },
  }));
}

export function deliveredSql(id: number, now: Date): string {
  return `UPDATE ops.notifications SET status = 'sent', attempts = attempts + 1, sent_at = TIMESTAMPTZ ${literal(now.toISOString())}, error = NULL WHERE notification_id = ${id}`;
}

export function undeliveredSql(id: number, error: string, final: boolean): string {
  return `UPDATE ops.notifications SET status = '${final ? 'failed' : 'queued'}', attempts = attempts + 1, error = ${literal(error)} WHERE notification_id = ${id}`;
}

export const PRUNE_NOTIFICATIONS_SQL = `DELETE FROM ops.notifications WHERE status <> 'queued' AND notification_id <= (SELECT max(notification_id) FROM ops.notifications) - ${KEPT_MAX}
AND incident_id NOT IN (SELECT incident_id FROM ops.incidents WHERE closed_at IS NULL)`;
