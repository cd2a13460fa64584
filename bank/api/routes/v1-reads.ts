// Reading single transactions and holds.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { boundCustomer } from '../../auth/principal.ts';
import { idSchema } from '../../ledger/commands.ts';
import type { JsonObject } from '../../ledger/json.ts';
import { readHold, readTransaction } from '../../store/reads.ts';
import { holdView, transactionAnswer } from '../answers.ts';
import { callerOf, type BankApi } from '../context.ts';
import { problem } from '../problem.ts';
import { problemResponses } from '../responses.ts';

const params = z.object({ id: idSchema });

export function v1ReadRoutes(app: FastifyInstance, api: BankApi): void {
  const describe = (tag: string, summary: string, answer: z.ZodType) => ({
    tags: [tag],
    summary,
    params,
    security: [{ bearer: [] }, {}],
    response: { 200: answer, ...problemResponses(400, 401, 403, 404, 503) },
  });
  app.get('/v1/transactions/:id', { schema: describe('money', 'A transaction with its entries', transactionAnswer) }, async (request) => {
    const { id } = request.params as z.output<typeof params>;
    const caller = await callerOf(api, request);
    const found = await readTransaction(api.pool, id);
    const customer = boundCustomer(caller);
    if (found !== undefined && (customer === null || (await touches(api, found, customer)))) return found;
    if (customer !== null) throw problem('forbidden', `transaction ${id} is not one of yours`, 'id');
    throw problem('unknown_transaction', `transaction ${id} does not exist`, 'id');
  });
  app.get('/v1/holds/:id', { schema: describe('holds', 'A hold and what became of it', holdView) }, async (request) => {
    const { id } = request.params as z.output<typeof params>;
    const caller = await callerOf(api, request);
    const found = await readHold(api.pool, id);
    if (boundCustomer(caller) !== null) await api.guard.requireOwn(caller, found?.accountId ?? 0n, 'id');
    if (found === undefined) throw problem('unknown_hold', `hold ${id} does not exist`, 'id');
    return found.body;
  });
}

/** True when one of the entries is on an account of the customer. */
async function touches(api: BankApi, transaction: JsonObject, customer: bigint): Promise<boolean> {
  const accounts = new Set([transaction['account_id'], ...(transaction['entries'] as JsonObject[]).map((entry) => entry['account_id'])]);
  for (const account of accounts) if ((await api.guard.ownerOf(BigInt(account as string | number))) === customer) return true;
  return false;
}
