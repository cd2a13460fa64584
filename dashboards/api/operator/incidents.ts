// The operator's page of incidents: what is open or was, who looks after it, and the orders to take one or to keep it quiet.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AnyRow, IncidentRow, IncidentsAnswer, IncidentStepRow } from '../answers/operator.ts';
import { operatorOf, type DashboardsApi } from '../context.ts';
import { checked } from '../input.ts';
import type { SectionQuery } from '../store/snapshot.ts';
import { utcColumn } from '../store/time-sql.ts';

const note = z.string().trim().max(1_000).default('');
const ids = z.array(z.int().positive()).min(1).max(100);
const ackBody = z.strictObject({ ids, note });
const silenceBody = z.strictObject({ ids, note, minutes: z.int().min(0).max(43_200) });

export function incidentRoutes(app: FastifyInstance, api: DashboardsApi): void {
  app.get('/api/operator/incidents', async (request): Promise<IncidentsAnswer> => {
    await operatorOf(api, request);
    return await api.store.read(async (snapshot) => ({
      incidents: await snapshot.section(incidentsQuery),
      steps: await snapshot.section(stepsQuery),
      notifications: await snapshot.section(notificationsQuery),
    }));
  });
  app.post('/api/operator/incidents/ack', async (request) => {
    const { user: by } = await operatorOf(api, request);
    const { ids: named, ...body } = checked(ackBody, request.body);
    for (const id of named) await api.tools.control('incidents/ack', { id, ...body, by });
    return { done: `${counted(named.length)}: you look after ${named.length === 1 ? 'it' : 'them'}.` };
  });
  app.post('/api/operator/incidents/silence', async (request) => {
    const { user: by } = await operatorOf(api, request);
    const { ids: named, ...body } = checked(silenceBody, request.body);
    for (const id of named) await api.tools.control('incidents/silence', { id, ...body, by });
    return { done: `${counted(named.length)}: nobody is told for ${body.minutes} minutes.` };
  });
}

const counted = (incidents: number): string => `${incidents} ${incidents === 1 ? 'incident' : 'incidents'}`;

const LISTED = '(SELECT * FROM ops.incidents i ORDER BY i.closed_at IS NOT NULL, i.opened_at DESC LIMIT 100)';

const incidentsQuery: SectionQuery<IncidentRow> = {
  from: ['ops.incidents'],
  sql: `SELECT incident_id, code, severity, subject, ${utcColumn('opened_at')}, ${utcColumn('closed_at')}, summary, detail, left(rows, 4000) AS rows, acknowledged_by, ${utcColumn('acknowledged_at')},
          ${utcColumn('silenced_until')}, note
        FROM ${LISTED} x ORDER BY x.closed_at IS NOT NULL, x.opened_at DESC, x.incident_id`,
};

const stepsQuery: SectionQuery<IncidentStepRow> = {
  from: ['ops.incidents', 'ops.incident_steps'],
  sql: `SELECT seq, incident_id, ${utcColumn('done_at')}, actor, action, minutes, note FROM ops.incident_steps s
        WHERE s.incident_id IN (SELECT incident_id FROM ${LISTED} x) ORDER BY s.seq LIMIT 500`,
};

const notificationsQuery: SectionQuery<AnyRow> = {
  from: ['ops.notifications'],
  sql: `SELECT notification_id, incident_id, kind, sink, status, attempts, ${utcColumn('created_at')}, ${utcColumn('sent_at')}, error
        FROM ops.notifications ORDER BY ops.notifications.notification_id DESC LIMIT 50`,
};
