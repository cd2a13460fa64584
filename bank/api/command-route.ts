// One route that runs one ledger command: the same steps behind every path. Check the body, take the key, know the caller, admit, execute, answer.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Answer, CommandContext } from '../ledger/answer.ts';
import type { Command } from '../ledger/commands.ts';
import { idJson } from '../ledger/json.ts';
import { callerOf, type BankApi } from './context.ts';
import { keyOf, takeBodyKey } from './idempotency-key.ts';
import { PROBLEM_TYPE } from './problem.ts';
import { problemResponses } from './responses.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route needs an idempotency key. */
    readonly keyed?: boolean;
  }
}

export interface CommandRoute<B extends z.ZodType, P extends z.ZodType> {
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly body: B;
  readonly params?: P;
  /** True for operations that move or reserve money. */
  readonly keyed: boolean;
  /** What the answer looks like when the command was carried out. */
  readonly answer: z.ZodType;
  /** Status of the answer when it was carried out. */
  readonly status: 200 | 201;
  readonly command: (body: z.output<B>, params: z.output<P>) => Command;
}

export const dryRunQuery = z.strictObject({
  dry_run: z.enum(['true', 'false']).optional().meta({ description: 'true: decides and answers, writes nothing.' }),
});
export const keyHeaders = z.looseObject({
  'idempotency-key': z.string().optional().meta({ description: '1 to 255 printable ASCII characters; or `idempotency_key` in the body.' }),
});

/** Adds POST `path`. */
export function commandRoute<B extends z.ZodType, P extends z.ZodType>(
  app: FastifyInstance,
  api: BankApi,
  route: CommandRoute<B, P>,
): void {
  const { path, tag, summary, keyed } = route;
  const schema = {
    tags: [tag],
    summary,
    body: route.body,
    querystring: dryRunQuery,
    ...(route.params === undefined ? {} : { params: route.params }),
    ...(keyed ? { headers: keyHeaders } : {}),
    security: [{ bearer: [] }, {}],
    // A dry run answers 200.
    response: { 200: route.answer, [route.status]: route.answer, ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422, 503) },
  };
  app.post(path, { schema, config: { keyed }, ...(keyed ? { preValidation: takeBodyKey } : {}) }, async (request, reply) => {
    const command = route.command(request.body as z.output<B>, request.params as z.output<P>);
    const key = keyed ? keyOf(request, isDryRun(request)) : undefined;
    const answer = await runCommand(api, request, { command, key });
    return sendAnswer(reply, answer);
  });
}

interface Wanted {
  readonly command: Command;
  readonly key: string | undefined;
}

/** Knows the caller, admits the command, executes it. @throws HttpProblem */
async function runCommand(api: BankApi, request: FastifyRequest, { command, key }: Wanted): Promise<Answer> {
  const caller = await callerOf(api, request);
  const admitted = caller.kind === 'user' ? await api.guard.admit(caller, command) : command;
  return await api.service.execute(admitted, contextOf(request, caller.actor, key));
}

export function contextOf(request: FastifyRequest, actor: string, key: string | undefined): CommandContext {
  const dryRun = isDryRun(request);
  return { actor, ...(key === undefined ? {} : { idempotencyKey: key }), ...(dryRun ? { dryRun } : {}) };
}

function isDryRun(request: FastifyRequest): boolean {
  return (request.query as { dry_run?: string }).dry_run === 'true';
}

export function sendAnswer(reply: FastifyReply, answer: Answer): FastifyReply {
  const { status, gtid, replayed } = answer;
  reply.code(status);
  if (gtid !== null) reply.header('ledger-gtid', gtid);
  if (replayed) reply.header('idempotency-replayed', 'true');
  if (status === 503) reply.header('retry-after', '1');
  return reply.type(status < 400 ? JSON_TYPE : PROBLEM_TYPE).send(JSON.stringify(answerBody(answer)));
}

/** The body of an answer with the commit it stands in; a refusal is told as it is. */
export function answerBody(answer: Answer): object {
  if (answer.status >= 400) return answer.body;
  return { ...answer.body, gtid: answer.gtid, sequence: answer.sequence === null ? null : idJson(answer.sequence) };
}
