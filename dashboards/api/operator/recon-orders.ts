// Orders of the pages of reconciliation: carried out by the processor through its control door, statements through its reconciliation API.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { DoneAnswer } from '../answers/recon.ts';
import { operatorOf, type DashboardsApi } from '../context.ts';
import { checked } from '../input.ts';
import { ApiProblem } from '../problem.ts';
import type { Session } from '../session/session.ts';

const words = z.string().trim().max(1_000);
const breakId = z.string().regex(/^[bu][0-9a-f]{1,20}$/);
const breaks = z.array(breakId).min(1).max(200);
const rowIds = z.array(z.string().min(1).max(200)).min(1).max(100);
const source = z.string().regex(/^[\w-]{1,100}$/);

const moveBody = z.strictObject({
  breaks,
  action: z.enum(['acknowledge', 'investigate', 'resolve', 'write-off', 'reopen', 'accept']),
  note: words.default(''),
});
const noteBody = z.strictObject({ breaks, kind: z.enum(['comment', 'owner', 'evidence']), text: words.min(1) });
const matchBody = z.strictObject({ source, external: rowIds, internal: rowIds, reason: words.min(1) });
const unmatchBody = z.strictObject({ match: z.int().positive(), reason: words.min(1) });
const journalBody = z.strictObject({ break: breakId, account: z.string().regex(/^\d{1,19}$/).optional(), note: words.default('') }); // prettier-ignore
const approveBody = z.strictObject({ break: breakId, note: words.default('') });
const runBody = z.strictObject({ source, date: z.iso.date() });
const uploadQuery = z.strictObject({ source, date: z.iso.date(), name: z.string().regex(/^[\w. -]{1,200}$/) }); // prettier-ignore

/** Of a statement that is sent through the page; larger ones go by `ledgerflow recon run`. */
const STATEMENT_BYTES_MAX = 64 * 1_024 * 1_024;
const STATEMENT_TYPE = 'application/octet-stream';
const UPLOAD_DEADLINE_MS = 60_000;
const ACTOR_HEADER = 'ledgerflow-actor';
const actorName = z.string().regex(/^[\w.@ -]{1,100}$/);

const DONE: Readonly<Record<z.infer<typeof moveBody>['action'], string>> = {
  accept: 'accepted as matches',
  acknowledge: 'acknowledged',
  investigate: 'under investigation',
  resolve: 'resolved',
  'write-off': 'written off',
  reopen: 'open again',
};

export function reconOrders(app: FastifyInstance, api: DashboardsApi): void {
  breakOrders(app, api);
  journalOrders(app, api);
  app.post('/api/operator/recon/run', async (request): Promise<DoneAnswer> => {
    const { by } = await actorOf(api, request);
    const asked = checked(runBody, request.body);
    return runSaid(await api.tools.control('recon/run', { ...asked, by, wait: false }));
  });
  void app.register((scope, _options, done) => {
    scope.addContentTypeParser(STATEMENT_TYPE, (_request, payload, next) => next(null, payload));
    scope.post('/api/operator/recon/upload', { bodyLimit: STATEMENT_BYTES_MAX }, async (request): Promise<DoneAnswer> => {
      const { by, token } = await actorOf(api, request);
      const named = checked(uploadQuery, request.query);
      return runSaid(await sendStatement(api, named, { body: request.body as Readable, by, token }));
    });
    done();
  });
}

function breakOrders(app: FastifyInstance, api: DashboardsApi): void {
  app.post('/api/operator/recon/move', async (request): Promise<DoneAnswer> => {
    const { by } = await actorOf(api, request);
    const body = checked(moveBody, request.body);
    await api.tools.control('recon/move', { ...body, by });
    return { done: `${counted(body.breaks.length)} ${DONE[body.action]}.` };
  });
  app.post('/api/operator/recon/note', async (request): Promise<DoneAnswer> => {
    const { by } = await actorOf(api, request);
    const { breaks: named, ...note } = checked(noteBody, request.body);
    for (const each of named) await api.tools.control('recon/note', { break: each, ...note, by });
    return { done: `${note.kind === 'owner' ? `${note.text} looks after` : `A ${note.kind} was added to`} ${counted(named.length)}.` };
  });
  app.post('/api/operator/recon/match', async (request): Promise<DoneAnswer> => {
    const { by } = await actorOf(api, request);
    const { match } = matchedSchema.parse(await api.tools.control('recon/match', { ...checked(matchBody, request.body), by }));
    return { done: `The rows are match ${match}.` };
  });
  app.post('/api/operator/recon/unmatch', async (request): Promise<DoneAnswer> => {
    const { by } = await actorOf(api, request);
    const body = checked(unmatchBody, request.body);
    const { break: id } = undoneSchema.parse(await api.tools.control('recon/unmatch', { ...body, by }));
    return { done: `Match ${body.match} was taken back: its rows are break ${id}.` };
  });
}

const matchedSchema = z.object({ match: z.number() });
const undoneSchema = z.object({ break: z.string() });
const journalSchema = z.object({ journal: z.object({ path: z.string(), body: z.record(z.string(), z.string()) }) });

/** Asked for by one person and approved by another: with logins, each is who the token says. */
function journalOrders(app: FastifyInstance, api: DashboardsApi): void {
  app.post('/api/operator/recon/journal', async (request): Promise<DoneAnswer> => {
    const { by, token } = await actorOf(api, request);
    const body = { ...checked(journalBody, request.body), by, ...(token === null ? {} : { token }) };
    const { journal } = journalSchema.parse(await api.tools.control('recon/journal', body));
    return { done: `A ${journal.path.split('/').at(-1)?.replace(/s$/, '') ?? 'journal'} waits for somebody else to approve it.` };
  });
  app.post('/api/operator/recon/approve', async (request): Promise<DoneAnswer> => {
    const { by, token } = await actorOf(api, request);
    const body = { ...checked(approveBody, request.body), by, ...(token === null ? {} : { token }) };
    await api.tools.control('recon/approve', body);
    return { done: `The journal was posted by the bank; break ${body.break} is resolved.` };
  });
}

const counted = (breaksCount: number): string => `${breaksCount} ${breaksCount === 1 ? 'break' : 'breaks'}`;

interface Actor {
  readonly by: string;
  /** The bank's token of the session; null where it asks for no login. */
  readonly token: string | null;
}

/** Where nobody logs in, whoever gives a name is believed, so that a second person can approve. @throws ApiProblem */
async function actorOf(api: DashboardsApi, request: FastifyRequest): Promise<Actor> {
  const { user, token }: Session = await operatorOf(api, request);
  const named = request.headers[ACTOR_HEADER];
  if (token !== null || named === undefined || named === '') return { by: user, token };
  return { by: `demo:${checked(actorName, named)}`, token };
}

const runSchema = z.looseObject({
  run_id: z.number(),
  source: z.string(),
  business_date: z.string(),
  attempt: z.number(),
  state: z.string(),
  error: z.string().nullable(),
});

function runSaid(answer: unknown): DoneAnswer {
  const { run_id: run, source: name, business_date: day, attempt, state, error } = runSchema.parse(answer);
  if (state === 'refused' || state === 'failed') throw new ApiProblem('refused', `run ${run} ${state}: ${error ?? 'no reason was given'}`);
  return { done: `Run ${run}: ${name} ${day}, attempt ${attempt}, ${state}.` };
}

interface Statement extends Actor {
  readonly body: Readable;
}

/** Hands the statement on as it comes. @throws ApiProblem refused, unavailable */
async function sendStatement(api: DashboardsApi, named: z.infer<typeof uploadQuery>, { body, by, token }: Statement): Promise<unknown> {
  const { recon } = api.endpoints;
  if (recon === undefined) throw new ApiProblem('unavailable', 'the reconciliation API is not up yet');
  let response: Response;
  try {
    response = await fetch(new URL(`/recon/upload?${new URLSearchParams(named).toString()}`, recon.url), {
      method: 'POST',
      headers: { 'content-type': STATEMENT_TYPE, ...(token === null ? { [ACTOR_HEADER]: by } : { authorization: `Bearer ${token}` }) },
      body,
      duplex: 'half',
      signal: AbortSignal.timeout(UPLOAD_DEADLINE_MS),
    });
  } catch (error) {
    throw new ApiProblem('unavailable', 'the reconciliation API does not answer', { cause: error });
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const refused = z.object({ error: z.object({ message: z.string() }) }).safeParse(answer);
  throw new ApiProblem('refused', refused.data?.error.message ?? `the statement was not taken (HTTP ${response.status})`);
}
