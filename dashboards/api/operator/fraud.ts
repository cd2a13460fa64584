// The operator's queue of fraud alerts: what it shows, and the orders that work on cases. Every route asks for the role.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AlertRow, FraudAnswer, FraudCaseAnswer, RulePrecisionRow, StateCountRow } from '../answers/fraud.ts';
import type { AnyRow } from '../answers/operator.ts';
import { operatorOf, type DashboardsApi } from '../context.ts';
import { checked } from '../input.ts';
import { ApiProblem } from '../problem.ts';
import type { SectionQuery } from '../store/snapshot.ts';
import { iso, utc } from '../store/time-sql.ts';

const words = z.string().trim().min(1).max(1_000);
const ids = z.array(z.string().regex(/^[\w-]{1,128}$/)).min(1).max(200); // prettier-ignore
const note = words.optional();
const ackBody = z.strictObject({ ids, note });
const assignBody = z.strictObject({ ids, to: z.string().trim().min(1).max(200), note });
const noteBody = z.strictObject({ ids, note: words });
const closeBody = z.strictObject({ ids, note, outcome: z.enum(['confirmed', 'false_positive', 'inconclusive']) });
const snoozeBody = z.strictObject({ id: z.string().regex(/^[\w-]{1,128}$/), minutes: z.int().min(1).max(527_040), reason: words });
const caseParams = z.object({ id: z.string().regex(/^[\w-]{1,128}$/) }); // prettier-ignore
const queueQuery = z.object({ state: z.enum(['working', 'open', 'acknowledged', 'closed']).default('working') });

export function fraudRoutes(app: FastifyInstance, api: DashboardsApi): void {
  app.get('/api/operator/fraud', async (request): Promise<FraudAnswer> => {
    await operatorOf(api, request);
    const { state } = checked(queueQuery, request.query);
    return await api.store.read(async (snapshot) => ({
      counts: await snapshot.section(countsQuery),
      alerts: await snapshot.section(alertsQuery(state)),
      rules: await snapshot.section(rulesQuery),
    }));
  });
  app.get('/api/operator/fraud/:id', async (request): Promise<FraudCaseAnswer> => {
    await operatorOf(api, request);
    const { id } = checked(caseParams, request.params);
    return await api.store.read(async (snapshot) => ({
      alert: await snapshot.section({ ...alertQuery, values: [id] }),
      steps: await snapshot.section({ ...stepsQuery, values: [id] }),
    }));
  });
  const order = (name: string, body: z.ZodType<object>): void => {
    app.post(`/api/operator/fraud/${name}`, async (request) => {
      const { user } = await operatorOf(api, request);
      return { outcome: await api.tools.control(`fraud/alerts/${name}`, { ...checked(body, request.body), by: user }) };
    });
  };
  app.post('/api/operator/fraud/snooze', async (request) => {
    const { user } = await operatorOf(api, request);
    const { id, ...quiet } = checked(snoozeBody, request.body);
    const { alert } = await api.store.read(async (snapshot) => ({ alert: await snapshot.section({ ...whoseQuery, values: [id] }) }));
    const [whose] = alert.state === 'ready' ? alert.rows : [];
    if (whose === undefined) throw new ApiProblem('not_found', `there is no alert ${id}`);
    return { outcome: await api.tools.control('fraud/list', { list: 'snooze', ...whose, ...quiet, by: user }) };
  });
  order('ack', ackBody);
  order('assign', assignBody);
  order('note', noteBody);
  order('close', closeBody);
}

const QUEUE = ['gold.fraud_queue'];

const countsQuery: SectionQuery<StateCountRow> = {
  from: QUEUE,
  sql: `SELECT state, count(*) AS alerts FROM gold.fraud_queue GROUP BY state ORDER BY state`,
};

function alertsQuery(state: string): SectionQuery<AlertRow> {
  return {
    from: QUEUE,
    sql: `SELECT alert_id, state, severity, decision, score, rule_id || '@' || rule_version AS rule, entity_type || ' ' || entity_id AS entity, ${iso('q.event_ts')} AS event_ts,
            amount, currency, assignee, outcome, explanation
          FROM gold.fraud_queue q WHERE ${state === 'working' ? `state <> 'closed'` : `state = '${state}'`} ORDER BY q.event_ts DESC, alert_id LIMIT 200`,
  };
}

const rulesQuery: SectionQuery<RulePrecisionRow> = {
  from: ['gold.fraud_rule_precision'],
  sql: `SELECT rule_id || '@' || rule_version AS rule, alerts, open + acknowledged AS working, confirmed, false_positive, inconclusive, "precision"
        FROM gold.fraud_rule_precision ORDER BY rule_id, rule_version LIMIT 200`,
};

const alertQuery: SectionQuery<AnyRow> = {
  from: QUEUE,
  sql: `SELECT * REPLACE (${iso('event_ts')} AS event_ts, ${iso('detected_at')} AS detected_at) FROM gold.fraud_queue WHERE alert_id = $1`,
};

const whoseQuery: SectionQuery<{ readonly rule: string; readonly entityType: string; readonly entityId: string }> = {
  from: QUEUE,
  sql: `SELECT rule_id AS rule, entity_type AS "entityType", entity_id AS "entityId" FROM gold.fraud_queue WHERE alert_id = $1`,
};

const stepsQuery: SectionQuery<AnyRow> = {
  from: ['ops.fraud_alert_events'],
  sql: `SELECT seq, ${utc('e.done_at')} AS done_at, actor, action, to_state AS state, outcome, assignee, note
        FROM ops.fraud_alert_events e WHERE alert_id = $1 ORDER BY seq`,
};
