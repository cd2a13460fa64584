// Watch lists: named lists of symbols.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { idSchema } from '../../ledger/commands.ts';
import { idJson } from '../../ledger/json.ts';
import { addWatchList, changeWatchList, readWatchLists, removeWatchList } from '../../store/customer-settings.ts';
import type { BankApi } from '../context.ts';
import { problem } from '../problem.ts';
import { named, namedQuery, settingRoute } from '../setting-route.ts';

const SYMBOLS_MAX = 200;

export const symbolSchema = z
  .string()
  .regex(/^[A-Z][A-Z0-9.]{0,11}$/, 'must be a symbol such as AAPL')
  .meta({ examples: ['AAPL'] });
const listBody = z.strictObject({
  ...named,
  name: z.string().trim().min(1).max(64),
  symbols: z.array(symbolSchema).max(SYMBOLS_MAX).default([]),
});
const params = z.object({ id: idSchema });
const symbolParams = z.object({ id: idSchema, symbol: symbolSchema });

const id = z.union([z.int(), z.string()]);
const list = z.object({ watch_list_id: id, name: z.string(), symbols: z.array(z.string()), created_at: z.string() });
const gtid = z.string().nullable();

export function watchListRoutes(app: FastifyInstance, api: BankApi): void {
  const tag = 'settings';
  settingRoute(app, api, {
    method: 'POST',
    path: '/v1/watch-lists',
    tag,
    summary: 'Make a watch list',
    body: listBody,
    status: 201,
    answer: z.object({ watch_list_id: id, name: z.string(), gtid }),
    taken: 'there is a watch list of that name',
    run: async (customerId, request) => {
      const wanted = request.body as z.output<typeof listBody>;
      const { value, gtid: commit } = await addWatchList(api.pool, customerId, wanted);
      return { body: { watch_list_id: idJson(value), name: wanted.name }, gtid: commit };
    },
  });
  settingRoute(app, api, {
    method: 'GET',
    path: '/v1/watch-lists',
    tag,
    summary: 'The watch lists with their symbols',
    query: namedQuery,
    answer: z.object({ watch_lists: z.array(list) }),
    run: async (customerId) => ({ body: { watch_lists: await readWatchLists(api.pool, customerId) } }),
  });
  for (const method of ['PUT', 'DELETE'] as const) {
    const watched = method === 'PUT';
    settingRoute(app, api, {
      method,
      path: '/v1/watch-lists/:id/symbols/:symbol',
      tag,
      summary: watched ? 'Add a symbol to a list' : 'Take a symbol off a list',
      params: symbolParams,
      query: namedQuery,
      answer: z.object({ watched: z.boolean(), gtid }),
      run: async (customerId, request) => {
        const { id: listId, symbol } = request.params as z.output<typeof symbolParams>;
        const { value, gtid: commit } = await changeWatchList(api.pool, customerId, { listId, symbol, watched });
        if (!value) throw problem('not_found', `there is no watch list ${listId}`, 'id');
        return { body: { watched }, gtid: commit };
      },
    });
  }
  settingRoute(app, api, {
    method: 'DELETE',
    path: '/v1/watch-lists/:id',
    tag,
    summary: 'Remove a watch list',
    params,
    query: namedQuery,
    answer: z.object({ removed: z.literal(true), gtid }),
    run: async (customerId, request) => {
      const { id: listId } = request.params as z.output<typeof params>;
      const { value, gtid: commit } = await removeWatchList(api.pool, customerId, listId);
      if (!value) throw problem('not_found', `there is no watch list ${listId}`, 'id');
      return { body: { removed: true }, gtid: commit };
    },
  });
}
