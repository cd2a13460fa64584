// Many transfers in one request and one commit: all of them or none, or those that can be.

import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Answer, Request } from '../../ledger/answer.ts';
import { BODIES, type Command } from '../../ledger/commands.ts';
import { postedAnswer } from '../answers.ts';
import { answerBody, contextOf, dryRunQuery } from '../command-route.ts';
import { callerOf, type BankApi } from '../context.ts';
import { checkedKey } from '../idempotency-key.ts';
import { problem, PROBLEM_TYPE } from '../problem.ts';
import { problemResponses, problemSchema, problemWith } from '../responses.ts';

export const TRANSFERS_MAX = 2_000;
const BODY_BYTES_MAX = 2_097_152;

const member = BODIES.transfer.extend({ idempotency_key: z.string().max(255) });
const batchBody = z.strictObject({
  mode: z.enum(['all_or_nothing', 'continue']).default('all_or_nothing'),
  transfers: z.array(member).min(1).max(TRANSFERS_MAX),
});
const each = z.array(z.union([postedAnswer, problemSchema])).meta({ description: 'One per transfer, in their order.' });
const batchAnswer = z.object({
  mode: z.enum(['all_or_nothing', 'continue']),
  posted: z.int(),
  refused: z.int(),
  gtid: z.string().nullable(),
  answers: each,
});

export function batchRoutes(app: FastifyInstance, api: BankApi): void {
  const schema = {
    tags: ['money'],
    summary: 'Many transfers in one commit',
    description: 'all_or_nothing: one refusal and nothing is written (424, with every answer). continue: the refused are left out (200).',
    body: batchBody,
    querystring: dryRunQuery,
    security: [{ bearer: [] }, {}],
    response: {
      200: batchAnswer,
      ...problemResponses(400, 401, 403, 413, 415),
      424: problemWith(424, { answers: each }),
      503: problemWith(503, { answers: each.optional() }),
    },
  };
  // In a path a colon begins a parameter; two are one colon.
  app.post('/v1/transfers::batch', { schema, bodyLimit: BODY_BYTES_MAX }, async (request, reply) => {
    const { mode, transfers } = request.body as z.output<typeof batchBody>;
    const members = transfers.map(({ idempotency_key: key, ...body }, at) => ({
      command: { operation: 'transfer', ...body } as const,
      key: checkedKey(key, `transfers.${at}.idempotency_key`),
    }));
    const caller = await callerOf(api, request);
    const requests: Request[] = [];
    for (const { command, key } of members) {
      const admitted: Command = caller.kind === 'user' ? await api.guard.admit(caller, command) : command;
      requests.push({ command: admitted, context: contextOf(request, caller.actor, key) });
    }
    return sendBatch(reply, mode, await api.service.executeBatch(requests, { mode }));
  });
}

function sendBatch(reply: FastifyReply, mode: 'all_or_nothing' | 'continue', answers: readonly Answer[]): FastifyReply {
  const refused = answers.filter(({ status }) => status >= 400);
  const gtid = answers.find((answer) => answer.gtid !== null)?.gtid ?? null;
  if (gtid !== null) void reply.header('ledger-gtid', gtid);
  const bodies = answers.map(answerBody);
  if (refused.length > 0 && mode === 'all_or_nothing') {
    const broken = refused.find(({ status }) => status >= 500);
    const body = broken?.body ?? problem('batch_aborted', `${firstCause(answers)}; nothing was written`).toBody();
    return reply
      .code(broken?.status ?? 424)
      .type(PROBLEM_TYPE)
      .send(JSON.stringify({ ...body, answers: bodies }));
  }
  const summary = { mode, posted: answers.length - refused.length, refused: refused.length, gtid, answers: bodies };
  return reply.code(200).type('application/json; charset=utf-8').send(JSON.stringify(summary));
}

/** The refusal that stopped the others, with its place. */
function firstCause(answers: readonly Answer[]): string {
  const at = answers.findIndex(({ status, body }) => status >= 400 && body['code'] !== 'batch_aborted');
  return at < 0 ? 'a transfer was refused' : `transfer ${at}: ${answers[at]!.body['message'] as string}`;
}
