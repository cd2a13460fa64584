// The paths of the API: the seed's own (/recon/run, /status, /logs, /summary), and what people do with breaks.

import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { sleep } from '../../../infra/runtime/sleep.ts';
import { approveSchema, journalSchema, matchSchema, moveSchema, noteSchema, unmatchSchema, type BreakActions } from '../breaks/actions.ts';
import { audit } from '../run/audit.ts';
import type { Asked, ReconDesk } from '../run/desk.ts';
import { breaksOf, logsOf, runReport, statusOf, summariesOf, type Json } from '../run/report.ts';
import { sourceNameSchema } from '../run/source.ts';
import type { Caller } from './auth.ts';

const date = z.iso.date();
const runBody = z.strictObject({ source: sourceNameSchema, date });
const uploadQuery = z.strictObject({ source: sourceNameSchema, date, name: z.string().regex(/^[\w. -]{1,200}$/).default('upload') }); // prettier-ignore
const dayParams = z.strictObject({ date });
const bySource = z.strictObject({ source: sourceNameSchema.optional() });
const limit = z.coerce.number().int().min(1).max(10_000);
const logsQuery = z.strictObject({
  source: sourceNameSchema.optional(),
  date: date.optional(),
  run: z.coerce.number().int().min(1).optional(),
  matched: z.enum(['true', 'false']).optional(),
  /** Entries after this number of the run's log: for reading on. */
  after: z.coerce.number().int().min(0).optional(),
  limit: limit.default(1_000),
});
const breaksQuery = z.strictObject({ source: sourceNameSchema.optional(), state: z.string().max(20).optional(), reason: z.string().max(30).optional(), limit: limit.default(200) }); // prettier-ignore

/** A run is waited for this long; it goes on after. */
const ANSWER_MS = 25_000;
/** Of an uploaded file. */
const UPLOAD_BYTES_MAX = 2 * 1_024 ** 3;
const UPLOAD_TYPES = ['text/csv', 'application/xml', 'text/xml', 'application/octet-stream', 'application/x-ndjson', 'application/ofx'];

export interface RouteParts {
  readonly desk: ReconDesk;
  readonly actions: BreakActions;
  readonly caller: (headers: FastifyRequest['headers']) => Promise<Caller>;
  readonly bankUrl: () => string;
}

export function reconRoutes(app: FastifyInstance, parts: RouteParts): void {
  runRoutes(app, parts);
  readRoutes(app, parts);
  actionRoutes(app, parts);
}

function runRoutes(app: FastifyInstance, { desk, caller }: RouteParts): void {
  const start = async (request: FastifyRequest, asked: Pick<Asked, 'source' | 'date' | 'filePath' | 'fileName'>): Promise<Json> => {
    const { name: by } = await caller(request.headers);
    const { runId } = await desk.ask({ ...asked, by, trigger: 'api' });
    await Promise.race([desk.finish(runId), sleep(ANSWER_MS, new AbortController().signal)]);
    return await runReport(desk, runId);
  };
  const about = { tags: ['runs'], security: [{ bearer: [] }] };
  app.post('/recon/run', { schema: { ...about, summary: "Reconcile a source's statement of a day", body: runBody } }, (request) =>
    start(request, runBody.parse(request.body)),
  );
  app.removeContentTypeParser('text/plain'); // a page of another origin can send it unasked
  for (const type of UPLOAD_TYPES) app.addContentTypeParser(type, (_request, payload, done) => done(null, payload));
  app.post(
    '/recon/upload',
    {
      bodyLimit: UPLOAD_BYTES_MAX,
      schema: { ...about, summary: 'Reconcile the statement that is the body', querystring: uploadQuery, consumes: UPLOAD_TYPES },
    },
    async (request) => {
      const { name, ...asked } = uploadQuery.parse(request.query);
      await caller(request.headers); // before a byte is kept
      const file = path.join(desk.parts.files, `upload-${randomUUID()}`);
      await mkdir(desk.parts.files, { recursive: true, mode: 0o700 });
      try {
        await pipeline(request.body as Readable, createWriteStream(file, { mode: 0o600 }));
        return await start(request, { ...asked, filePath: file, fileName: name });
      } finally {
        await rm(file, { force: true });
      }
    },
  );
}

function readRoutes(app: FastifyInstance, { desk, caller }: RouteParts): void {
  const about = (summary: string): { tags: string[]; security: Record<string, string[]>[]; summary: string } => ({ tags: ['results'], security: [{ bearer: [] }], summary }); // prettier-ignore
  app.get(
    '/recon/status/:date',
    { schema: { ...about('The runs of a day'), params: dayParams, querystring: bySource } },
    async (request) => {
      await caller(request.headers);
      const { date: day } = dayParams.parse(request.params);
      return { date: day, runs: await statusOf(desk, day, bySource.parse(request.query).source) };
    },
  );
  app.get('/recon/summary/:date', { schema: { ...about('What the runs of a day came to'), params: dayParams, querystring: bySource } }, async (request) => {
    await caller(request.headers);
    const { date: day } = dayParams.parse(request.params);
    return { date: day, summaries: await summariesOf(desk, day, bySource.parse(request.query).source) };
  }); // prettier-ignore
  app.get('/recon/logs', { schema: { ...about('Log entries: matches with scores, rows without one with their reason'), querystring: logsQuery } }, async (request) => {
    await caller(request.headers);
    const { matched, run: runId, ...filter } = logsQuery.parse(request.query);
    return { logs: await logsOf(desk, { ...filter, runId, matched: matched === undefined ? undefined : matched === 'true' }) };
  }); // prettier-ignore
  app.get('/recon/breaks', { schema: { ...about('Breaks, the largest first; open ones without `state`'), querystring: breaksQuery } }, async (request) => {
    await caller(request.headers);
    return { breaks: await breaksOf(desk, breaksQuery.parse(request.query)) };
  }); // prettier-ignore
  app.get('/recon/audit', { schema: about('Verify the hash-chained logs') }, async (request) => {
    await caller(request.headers);
    return await desk.exclusive(audit);
  });
  app.get('/health', { schema: { tags: ['results'], summary: 'The API answers' } }, () => ({ healthy: true }));
}

function actionRoutes(app: FastifyInstance, { actions, caller, bankUrl }: RouteParts): void {
  const add = <S extends z.ZodType>(
    name: string,
    summary: string,
    body: S,
    act: (input: z.output<S>, who: Caller) => Promise<object>,
  ): void => {
    app.post(`/recon/breaks/${name}`, { schema: { tags: ['breaks'], security: [{ bearer: [] }], summary, body } }, async (request) =>
      act(body.parse(request.body), await caller(request.headers)),
    );
  };
  add('move', 'Acknowledge, investigate, resolve, write off, reopen or accept breaks', moveSchema, (input, { name }) =>
    actions.move(input, name),
  );
  add('note', 'Add a comment, an owner or evidence', noteSchema, (input, { name }) => actions.note(input, name));
  add('match', 'Match open rows by hand', matchSchema, (input, { name }) => actions.match(input, name));
  add('unmatch', 'Take a match back', unmatchSchema, (input, { name }) => actions.unmatch(input, name));
  add('journal', 'Ask for the correcting journal', journalSchema, (input, { name }) => actions.journal(input, name));
  add('approve', 'Approve and post the journal that somebody else asked for', approveSchema, (input, { name, token }) => actions.approve(input, name, { url: bankUrl, token })); // prettier-ignore
}
