// Reading accounts: the account, its balance now, at a time or at a ledger position, its entries; under the seeds' paths and under /v1.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { idSchema } from '../../ledger/commands.ts';
import { idJson, type JsonObject } from '../../ledger/json.ts';
import { moneyFromSql, moneyText } from '../../ledger/money.ts';
import { readAccount, readBalanceAt, readEvents, readHistory, type AccountView, type BalanceAt, type Page } from '../../store/reads.ts';
import { accountAnswer, balanceAnswer, historyAnswer } from '../answers.ts';
import { callerOf, type BankApi } from '../context.ts';
import { problem } from '../problem.ts';
import { problemResponses } from '../responses.ts';
import { sqlTimeOf } from '../sql-time.ts';

const LIMIT_MAX = 1_000;
const LIMIT = 100;

const params = z.object({ id: idSchema });
const cursor = z.string().regex(/^\d{1,19}$/, 'must be a position').transform(BigInt); // prettier-ignore
const limit = z.string().regex(/^\d{1,4}$/, 'must be a whole number').transform(Number).pipe(z.number().min(1).max(LIMIT_MAX)).optional(); // prettier-ignore
const pageQuery = { limit, after: cursor.optional(), order: z.enum(['asc', 'desc']).optional() };
const historyQuery = z.strictObject(pageQuery);
const eventsQuery = z.strictObject({ account_id: idSchema.optional(), ...pageQuery });
const balanceQuery = z
  .strictObject({ at: z.iso.datetime({ offset: true }).optional(), sequence: cursor.optional() })
  .refine((query) => query.at === undefined || query.sequence === undefined, 'give at or sequence, not both');

export function accountReadRoutes(app: FastifyInstance, api: BankApi): void {
  const describe = (summary: string, answer: z.ZodType, more: object = {}) => ({
    tags: ['accounts'],
    summary,
    security: [{ bearer: [] }, {}],
    response: { 200: answer, ...problemResponses(400, 401, 403, 404, 503) },
    ...more,
  });
  for (const path of ['/accounts/:id', '/v1/accounts/:id']) {
    app.get(path, { schema: describe('An account', accountAnswer, { params }) }, async (request) => (await accountOf(api, request)).body);
  }
  for (const path of ['/accounts/:id/balance', '/ledger/account/:id/balance', '/v1/accounts/:id/balance']) {
    const schema = describe('The balance now, at a time or at a ledger position', balanceAnswer, { params, querystring: balanceQuery });
    app.get(path, { schema }, async (request) => await balanceOf(api, request));
  }
  for (const path of ['/accounts/:id/history', '/v1/accounts/:id/history']) {
    const schema = describe('Every entry of the account, in order', historyAnswer, { params, querystring: historyQuery });
    app.get(path, { schema }, async (request) => {
      const account = await accountOf(api, request);
      return { account_id: idJson(account.accountId), ...(await historyOf(api, account.accountId, pageOf(request, 'asc'))) };
    });
  }
  for (const path of ['/ledger/events/', '/v1/events']) {
    const schema = describe('Ledger entries as events, of one account or of all, newest first', historyAnswer, {
      querystring: eventsQuery,
    });
    app.get(path, { schema }, async (request) => await eventsOf(api, request));
  }
}

async function accountOf(api: BankApi, request: FastifyRequest): Promise<AccountView> {
  const { id } = request.params as z.output<typeof params>;
  const caller = await callerOf(api, request);
  await api.guard.requireOwn(caller, id, 'id');
  const account = await readAccount(api.pool, id);
  if (account === undefined) throw problem('unknown_account', `account ${id} does not exist`, 'id');
  return account;
}

async function balanceOf(api: BankApi, request: FastifyRequest): Promise<JsonObject> {
  const account = await accountOf(api, request);
  const query = request.query as z.output<typeof balanceQuery>;
  const now = { at: null, ...pick(account.body, ['account_id', 'currency', 'balance', 'available', 'held', 'status', 'sequence']) };
  if (query.at === undefined && query.sequence === undefined) return now;
  const at: BalanceAt = query.at === undefined ? { sequence: query.sequence! } : { time: sqlTimeOf(query.at) };
  const digits = ((account.body['balance'] as string).split('.')[1] ?? '').length;
  return {
    ...now,
    balance: moneyText(moneyFromSql(await readBalanceAt(api.pool, account.accountId, at)), digits),
    available: null,
    held: null,
    at: query.at ?? null,
    sequence: query.sequence === undefined ? null : idJson(query.sequence),
  };
}

function pick(body: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, body[name] ?? null]));
}

async function eventsOf(api: BankApi, request: FastifyRequest): Promise<JsonObject> {
  const { account_id: accountId } = request.query as z.output<typeof eventsQuery>;
  const caller = await callerOf(api, request);
  const page = pageOf(request, 'desc');
  if (accountId === undefined) {
    api.guard.requireStaff(caller, 'the events of all accounts');
    return pageBody(await readEvents(api.pool, page), page);
  }
  await api.guard.requireOwn(caller, accountId, 'account_id');
  if ((await readAccount(api.pool, accountId)) === undefined)
    throw problem('unknown_account', `account ${accountId} does not exist`, 'account_id');
  return await historyOf(api, accountId, page);
}

async function historyOf(api: BankApi, accountId: bigint, page: Page): Promise<JsonObject> {
  return pageBody(await readHistory(api.pool, accountId, page), page);
}

function pageBody(entries: JsonObject[], page: Page): JsonObject {
  const last = entries.length < page.limit ? undefined : entries.at(-1);
  return { entries, next: last?.['position'] ?? null };
}

function pageOf(request: FastifyRequest, usual: 'asc' | 'desc'): Page {
  const query = request.query as z.output<typeof historyQuery>;
  return { limit: query.limit ?? LIMIT, after: query.after, newestFirst: (query.order ?? usual) === 'desc' };
}
