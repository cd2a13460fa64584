// The operator's pages of reconciliation: breaks, one break with both sides, runs of a day, matches. Every route asks for the role.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { BreakAnswer, BreaksAnswer, MatchAnswer, MatchesAnswer, RunsAnswer, SourcesAnswer } from '../answers/recon.ts';
import { operatorOf, type DashboardsApi } from '../context.ts';
import { checked } from '../input.ts';
import { reconOrders } from './recon-orders.ts';
import * as queries from './recon-queries.ts';

const word = z.string().max(100).default('');
const breaksFilter = z.object({
  source: word,
  reason: word,
  state: z.enum(['working', 'open', 'acknowledged', 'investigating', 'reopened', 'resolved', 'all']).default('working'),
  age: word,
  currency: word,
  late: z.enum(['yes', 'no']).default('no'),
});
const dayQuery = z.object({ day: z.union([z.literal(''), z.iso.date()]).default('') });
const breakParams = z.object({ id: z.string().regex(/^[bu][0-9a-f]{1,20}$/) }); // prettier-ignore
const numberParams = z.object({ id: z.string().regex(/^\d{1,18}$/) }); // prettier-ignore
const sourcesSchema = z.object({ sources: z.array(z.looseObject({ name: z.string(), description: z.string() })) });

export function reconRoutes(app: FastifyInstance, api: DashboardsApi): void {
  app.get('/api/operator/recon', async (request): Promise<BreaksAnswer> => {
    await operatorOf(api, request);
    const { late, ...words } = checked(breaksFilter, request.query);
    const filter = { ...words, late: late === 'yes' };
    return await api.store.read(async (snapshot) => ({
      breaks: await snapshot.section(queries.breaksQuery(filter)),
      sums: await snapshot.section(queries.sumsQuery(filter)),
      facets: await snapshot.section(queries.facetsQuery),
    }));
  });
  app.get('/api/operator/recon/breaks/:id', async (request): Promise<BreakAnswer> => {
    await operatorOf(api, request);
    const { id } = checked(breakParams, request.params);
    return await api.store.read(async (snapshot) => ({
      found: await snapshot.section(queries.breakQuery(id)),
      rows: await snapshot.section(queries.breakRowsQuery(id)),
      events: await snapshot.section(queries.eventsQuery(id)),
      candidates: await snapshot.section(queries.candidatesQuery(id)),
    }));
  });
  runRoutes(app, api);
  reconOrders(app, api);
}

function runRoutes(app: FastifyInstance, api: DashboardsApi): void {
  app.get('/api/operator/recon/runs', async (request): Promise<RunsAnswer> => {
    await operatorOf(api, request);
    const { day } = checked(dayQuery, request.query);
    return await api.store.read(async (snapshot) => ({
      days: await snapshot.section(queries.daysQuery),
      runs: await snapshot.section(queries.runsQuery(day)),
    }));
  });
  app.get('/api/operator/recon/runs/:id', async (request): Promise<MatchesAnswer> => {
    await operatorOf(api, request);
    const { id } = checked(numberParams, request.params);
    return await api.store.read(async (snapshot) => ({
      matches: await snapshot.section(queries.matchesQuery(id)),
      parked: await snapshot.section(queries.parkedLinesQuery(id)),
    }));
  });
  app.get('/api/operator/recon/matches/:id', async (request): Promise<MatchAnswer> => {
    await operatorOf(api, request);
    const { id } = checked(numberParams, request.params);
    return await api.store.read(async (snapshot) => ({
      found: await snapshot.section(queries.matchQuery(id)),
      rows: await snapshot.section(queries.matchRowsQuery(id)),
    }));
  });
  app.get('/api/operator/recon/sources', async (request): Promise<SourcesAnswer> => {
    await operatorOf(api, request);
    const { sources } = sourcesSchema.parse(await api.tools.control('recon/sources', {}));
    return { sources: sources.map(({ name, description }) => ({ name, description })) };
  });
}
