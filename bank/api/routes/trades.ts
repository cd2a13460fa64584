// Paper trades: instruments and their prices, buying and selling, a customer's trades and holdings.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { BODIES, idSchema, symbolSchema } from '../../ledger/commands.ts';
import { readHoldings, readInstruments, readTrades } from '../../store/market-reads.ts';
import { holdingView, instrumentView, tradeAnswer, tradeView } from '../answers.ts';
import { commandRoute } from '../command-route.ts';
import { callerOf, type BankApi } from '../context.ts';
import { problemResponses } from '../responses.ts';
import { named, namedQuery, settingRoute } from '../setting-route.ts';

const LIMIT_MAX = 1_000;
const LIMIT = 100;
const id = z.union([z.int(), z.string()]);

const tradesQuery = z.strictObject({
  ...named,
  account_id: idSchema.optional(),
  symbol: symbolSchema.optional(),
  after: idSchema.optional(),
  limit: z.string().regex(/^\d{1,4}$/, 'must be a whole number').transform(Number).pipe(z.number().min(1).max(LIMIT_MAX)).optional(), // prettier-ignore
});

export function tradeRoutes(app: FastifyInstance, api: BankApi): void {
  commandRoute(app, api, {
    path: '/v1/trades',
    tag: 'market',
    summary: 'Buy or sell at the last market price; cash and trade are one commit',
    body: BODIES.trade,
    keyed: true,
    status: 201,
    answer: tradeAnswer,
    command: (body) => ({ operation: 'trade', ...body }),
  });
  settingRoute(app, api, {
    method: 'GET',
    path: '/v1/trades',
    tag: 'market',
    summary: 'The trades of a customer, newest first',
    query: tradesQuery,
    answer: z.object({ trades: z.array(tradeView), next: id.nullable().meta({ description: 'Give it as `after` for the next page.' }) }),
    run: async (customerId, request) => {
      const { account_id: accountId, symbol, after, limit = LIMIT } = request.query as z.output<typeof tradesQuery>;
      const trades = await readTrades(api.pool, { customerId, accountId, symbol, after, limit });
      return { body: { trades, next: trades.length < limit ? null : (trades.at(-1)?.['position'] ?? null) } };
    },
  });
  settingRoute(app, api, {
    method: 'GET',
    path: '/v1/holdings',
    tag: 'market',
    summary: 'What the accounts of a customer hold',
    query: namedQuery,
    answer: z.object({ holdings: z.array(holdingView) }),
    run: async (customerId) => ({ body: { holdings: await readHoldings(api.pool, customerId) } }),
  });
  const schema = {
    tags: ['market'],
    summary: 'The instruments that are traded, with their last price',
    security: [{ bearer: [] }, {}],
    response: { 200: z.object({ instruments: z.array(instrumentView) }), ...problemResponses(401, 503) },
  };
  app.get('/v1/instruments', { schema }, async (request) => {
    await callerOf(api, request);
    return { instruments: await readInstruments(api.pool) };
  });
}
