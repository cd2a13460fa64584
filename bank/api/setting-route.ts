// One route about what a customer keeps: know the caller, know the customer, run, answer with the commit.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Principal } from '../auth/principal.ts';
import { idSchema } from '../ledger/commands.ts';
import type { JsonObject } from '../ledger/json.ts';
import { isDuplicate, isUnknownReference } from '../store/transaction.ts';
import { callerOf, type BankApi } from './context.ts';
import { problem } from './problem.ts';
import { problemResponses } from './responses.ts';

/** Whose it is: needed from operators and services, and at most their own from customers. */
export const named = { customer_id: idSchema.optional() };
export const namedQuery = z.strictObject(named);

export interface Outcome {
  readonly body: JsonObject | { readonly [name: string]: readonly JsonObject[] };
  /** Of a write; undefined for a read. */
  readonly gtid?: string | null;
}

export interface SettingRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly body?: z.ZodType;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly answer: z.ZodType;
  readonly status?: 200 | 201;
  /** What the refusal of a second one of the same name says. */
  readonly taken?: string;
  readonly run: (customerId: bigint, request: FastifyRequest, caller: Principal) => Promise<Outcome>;
}

export function settingRoute(app: FastifyInstance, api: BankApi, route: SettingRoute): void {
  const { method, path: url, status = 200 } = route;
  const schema = {
    tags: [route.tag],
    summary: route.summary,
    security: [{ bearer: [] }, {}],
    ...(route.body === undefined ? {} : { body: route.body }),
    ...(route.params === undefined ? {} : { params: route.params }),
    querystring: route.query ?? z.strictObject({}),
    response: { [status]: route.answer, ...problemResponses(400, 401, 403, 404, 409, 422, 503) },
  };
  app.route({
    method,
    url,
    schema,
    handler: async (request, reply) => {
      const caller = await callerOf(api, request);
      const source = (route.body === undefined ? request.query : request.body) as { readonly customer_id?: bigint };
      const { body, gtid } = await known(route, () => route.run(api.guard.customerOf(caller, source.customer_id), request, caller));
      if (gtid !== undefined && gtid !== null) void reply.header('ledger-gtid', gtid);
      return await reply.code(status).send(gtid === undefined ? body : { ...body, gtid });
    },
  });
}

/** What the database's own keys refuse, said in the caller's terms. */
async function known<T>(route: SettingRoute, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isDuplicate(error)) throw problem('name_taken', route.taken ?? 'there is one of that name', 'name');
    if (isUnknownReference(error)) throw problem('unknown_customer', 'there is no such customer', 'customer_id');
    throw error;
  }
}
