// The operator's pages and orders. Every route asks for the role.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type {
  JobsAnswer,
  MessagesAnswer,
  ParkedAnswer,
  PipelineAnswer,
  PublicationsAnswer,
  QualityAnswer,
  SqlAnswer,
  TablesAnswer,
  TopicsAnswer,
} from '../answers/operator.ts';
import { operatorOf, type DashboardsApi } from '../context.ts';
import { checked } from '../input.ts';
import { fraudRoutes } from './fraud.ts';
import { incidentRoutes } from './incidents.ts';
import { reconRoutes } from './recon.ts';
import * as queries from './queries.ts';

const MESSAGES_MAX = 20;
const topicParams = z.object({ topic: z.string().regex(/^[\w.-]{1,249}$/) }); // prettier-ignore
const ids = z.array(z.int().positive()).min(1).max(1_000).optional();
const redriveBody = z.strictObject({ ids, all: z.literal(true).optional() });
const discardBody = z.strictObject({ ids, because: z.string().trim().min(3).max(1_000) });
const jobBody = z.strictObject({ job: z.string().min(1).max(63) });
const sqlBody = z.strictObject({ sql: z.string().trim().min(1).max(20_000) });

export function operatorRoutes(app: FastifyInstance, api: DashboardsApi): void {
  pipelineRoutes(app, api);
  kafkaRoutes(app, api);
  parkedRoutes(app, api);
  qualityRoutes(app, api);
  fraudRoutes(app, api);
  incidentRoutes(app, api);
  reconRoutes(app, api);
  app.post('/api/operator/sql', async (request): Promise<SqlAnswer> => {
    await operatorOf(api, request);
    return await api.tools.sql(checked(sqlBody, request.body).sql);
  });
}

function pipelineRoutes(app: FastifyInstance, api: DashboardsApi): void {
  app.get('/api/operator/pipeline', async (request): Promise<PipelineAnswer> => {
    await operatorOf(api, request);
    const asked = Promise.all([api.tools.processor(), api.tools.connector()]);
    const answer = await api.store.read(async (snapshot) => ({
      minutes: await snapshot.section(queries.minutesQuery),
      totals: await snapshot.section(queries.totalsQuery),
      gold: await snapshot.section(queries.goldQuery),
      silverTables: await snapshot.section(queries.silverTablesQuery),
      publication: await snapshot.section(queries.publicationsQuery(1)),
    }));
    const [processor, connector] = await asked;
    return { ...answer, processor, connector };
  });
  app.get('/api/operator/publications', async (request): Promise<PublicationsAnswer> => {
    await operatorOf(api, request);
    return await api.store.read(async (snapshot) => ({
      publications: await snapshot.section(queries.publicationsQuery(25)),
      commits: await snapshot.section(queries.commitsQuery),
      certificates: await snapshot.section(queries.certificatesQuery),
    }));
  });
  app.get('/api/operator/tables', async (request): Promise<TablesAnswer> => {
    await operatorOf(api, request);
    return await api.store.read(async (snapshot) => ({
      tables: await snapshot.section(queries.tablesQuery),
      held: await snapshot.section(queries.heldQuery),
      models: await snapshot.section(queries.modelsQuery),
      verified: await snapshot.section(queries.verifiedQuery),
    }));
  });
}

function kafkaRoutes(app: FastifyInstance, api: DashboardsApi): void {
  app.get('/api/operator/topics', async (request): Promise<TopicsAnswer> => {
    await operatorOf(api, request);
    return { topics: await api.tools.topics() };
  });
  app.get('/api/operator/topics/:topic/messages', async (request): Promise<MessagesAnswer> => {
    await operatorOf(api, request);
    return { messages: await api.tools.lastMessages(checked(topicParams, request.params).topic, MESSAGES_MAX) };
  });
  app.get('/api/operator/connector', async (request) => {
    await operatorOf(api, request);
    return { connector: await api.tools.connector() };
  });
  app.post('/api/operator/connector/restart', async (request) => {
    await operatorOf(api, request);
    await api.tools.restartConnector();
    return { connector: await api.tools.connector() };
  });
}

function parkedRoutes(app: FastifyInstance, api: DashboardsApi): void {
  app.get('/api/operator/parked', async (request): Promise<ParkedAnswer> => {
    await operatorOf(api, request);
    return await api.store.read(async (snapshot) => ({
      open: await snapshot.section(queries.parkedCountQuery),
      parked: await snapshot.section(queries.parkedQuery),
      redrives: await snapshot.section(queries.redrivesQuery),
    }));
  });
  app.post('/api/operator/parked/redrive', async (request) => {
    const { user } = await operatorOf(api, request);
    return { outcome: await api.tools.control('dlq/redrive', { ...checked(redriveBody, request.body), by: user }) };
  });
  app.post('/api/operator/parked/discard', async (request) => {
    const { user } = await operatorOf(api, request);
    return { outcome: await api.tools.control('dlq/discard', { ...checked(discardBody, request.body), by: user }) };
  });
}

function qualityRoutes(app: FastifyInstance, api: DashboardsApi): void {
  app.get('/api/operator/quality', async (request): Promise<QualityAnswer> => {
    await operatorOf(api, request);
    return await api.store.read(async (snapshot) => ({
      burn: await snapshot.section(queries.burnQuery),
      results: await snapshot.section(queries.dqResultsQuery),
      checks: await snapshot.section(queries.checksQuery),
      slo: await snapshot.section(queries.sloQuery),
    }));
  });
  app.get('/api/operator/jobs', async (request): Promise<JobsAnswer> => {
    await operatorOf(api, request);
    return await api.store.read(async (snapshot) => ({
      jobs: await snapshot.section(queries.jobsQuery),
      runs: await snapshot.section(queries.runsQuery),
    }));
  });
  app.post('/api/operator/jobs/run', async (request) => {
    await operatorOf(api, request);
    return { outcome: await api.tools.control('jobs/run', { ...checked(jobBody, request.body), wait: false }) };
  });
}
