// Every operation of the API document is called on a real MySQL, well and badly; each answer must have the shape that the document gives
// for its status.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { writeTick } from '../market/simulator.ts';
import { freshKey, startTestApi, type Call, type TestApi } from '../../test/support/bank-api.ts';
import { newCustomer, newOperator, PASSWORD, usersOf } from '../../test/support/bank-users.ts';
import type { UserStore } from '../auth/user-store.ts';

type Schema = Parameters<typeof z.fromJSONSchema>[0];
interface Described {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>>;
}
type Paths = Readonly<Record<string, Readonly<Record<string, Described>>>>;

let api: TestApi;
let users: UserStore;
let paths: Paths;
const answered = new Set<string>();
const wrong: string[] = [];

beforeAll(async () => {
  api = await startTestApi({ auth: 'on' });
  users = usersOf(api);
  await writeTick(api.bank.connection, 7, new Date());
  paths = ((await api.get('/openapi.json')).json as { paths: Paths }).paths;
});

afterAll(async () => {
  await users?.pool.end();
  await api?.[Symbol.asyncDispose]();
});

/** The described operation of a call: literal paths before those with parameters. */
function described(method: string, path: string): [name: string, operation: Described] {
  const bare = path.split('?', 1)[0]!.replace(/(.)\/$/, '$1');
  const fits = (template: string) =>
    new RegExp(
      `^${template
        .replace(/(.)\/$/, '$1')
        .replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&')
        .replaceAll(/\{[^}]+\}/g, '[^/]+')}$`,
    ).test(bare);
  const found = Object.keys(paths)
    .sort((a, b) => Number(a.includes('{')) - Number(b.includes('{')))
    .find((template) => fits(template) && paths[template]![method.toLowerCase()] !== undefined);
  if (found === undefined) throw new Error(`the document has no ${method} ${path}`);
  return [`${method} ${found}`, paths[found]![method.toLowerCase()]!];
}

async function call(method: string, path: string, more: Call = {}) {
  const reply = await api.call(method, path, more);
  const [name, operation] = described(method, path);
  const media = (reply.headers.get('content-type') ?? '').split(';', 1)[0]!;
  const schema = operation.responses[String(reply.status)]?.content?.[media]?.schema;
  if (schema === undefined) wrong.push(`${name} answers ${reply.status} ${media}, which the document does not have`);
  else {
    const parsed = z.fromJSONSchema(schema).safeParse(reply.json);
    if (!parsed.success) wrong.push(`${name} ${reply.status}: ${JSON.stringify(parsed.error.issues[0])} in ${reply.text.slice(0, 300)}`);
  }
  if (reply.status < 300) answered.add(name);
  return reply;
}

type Reply = Awaited<ReturnType<typeof call>>;
interface Tools {
  readonly post: (path: string, body?: unknown, more?: Call) => Promise<Reply>;
  readonly get: (path: string, more?: Call) => Promise<Reply>;
}
interface Made {
  readonly a: number;
  readonly b: number;
  readonly deposit: number;
  readonly bought: number;
}

async function open({ post }: Tools, path: string, body: object): Promise<number> {
  return Number((await post(path, body)).json.account_id);
}

async function callMoney(tools: Tools): Promise<Made> {
  const { post, get } = tools;
  for (const path of ['/live', '/health', '/.well-known/jwks.json']) if (paths[path] !== undefined) await get(path);
  const a = await open(tools, '/v1/accounts', { owner: 'Ann Other', currency: 'USD' });
  const b = await open(tools, '/accounts/', { owner: 'Bob', currency: 'USD' });
  const c = await open(tools, '/ledger/account/', { currency: 'USD', type: 'checking', metadata: {} });
  await post('/v1/accounts', { owner: 'Nobody', currency: 'XXX' });

  const deposit = (await post('/v1/deposits', { account_id: a, amount: '500' })).json.transaction_id as number;
  await post('/deposit/', { account_id: b, amount: 50, type: 'DEPOSIT', idempotency_key: freshKey() }, { key: undefined as never });
  await post('/v1/deposits', { account_id: 4_711, amount: '1' });
  await post('/v1/deposits', { account_id: a, amount: '0.001' });
  await post('/v1/withdrawals', { account_id: a, amount: '5' });
  for (const path of ['/withdrawal/', '/withdraw/']) await post(path, { account_id: a, amount: 5, type: 'WITHDRAWAL' });
  const moved = (await post('/v1/transfers', { from_account_id: a, to_account_id: b, amount: '5' })).json.transaction_id as number;
  await post('/v1/transfers', { from_account_id: c, to_account_id: b, amount: '5' });
  await post('/v1/transfers?dry_run=true', { from_account_id: a, to_account_id: b, amount: '5' });
  await post('/transfer/', { from_account_id: a, to_account_id: b, amount: 1, idempotency_key: 'shape-1' }, { key: 'shape-1' });
  await post('/ledger/transfer/', { source_account_id: a, destination_account_id: b, amount: 1, currency: 'USD', metadata: {} });
  const bought = (await post('/v1/purchases', { account_id: a, amount: '20', merchant: { name: 'Shop', mcc: '5411' } })).json;
  await post('/v1/fees', { account_id: a, amount: '1' });
  await post('/v1/refunds', { transaction_id: bought.transaction_id, amount: '3' });
  for (const id of [deposit, moved]) await post('/v1/reversals', { transaction_id: id });
  await post('/v1/reversals', { transaction_id: 999_999 });
  await post('/v1/journal', { form: 'split', account_id: a, amount: '9', shares: [{ account_id: b, weight: 1 }, { account_id: c, weight: 2 }] }); // prettier-ignore
  await post('/v1/transfers:batch', { mode: 'continue', transfers: [1, 900_000].map((amount) => ({ from_account_id: b, to_account_id: a, amount: String(amount), idempotency_key: freshKey() })) }); // prettier-ignore
  await post('/v1/transfers:batch', { transfers: [{ from_account_id: c, to_account_id: a, amount: '900', idempotency_key: freshKey() }] });
  const hold = async () => (await post('/v1/holds', { account_id: a, amount: '4', merchant: { name: 'Hotel' } })).json.hold_id as number;
  const [one, two] = [await hold(), await hold()];
  await post(`/v1/holds/${one}/capture`, { amount: '3' });
  await post(`/v1/holds/${one}/void`);
  await post(`/v1/holds/${two}/void`);
  for (const id of [one, two, 999]) await get(`/v1/holds/${id}`);
  await post('/v1/trades', { account_id: a, symbol: 'ACME', side: 'buy', quantity: '0.1' });
  await post('/v1/trades', { account_id: a, symbol: 'ACME', side: 'sell', quantity: '7' });
  return { a, b, deposit, bought: bought.transaction_id as number };
}

async function callAccounts(tools: Tools, { a, b, deposit, bought }: Made): Promise<void> {
  const { post, get } = tools;
  for (const prefix of ['/accounts', '/v1/accounts']) {
    for (const verb of ['freeze', 'unfreeze', 'close', 'reopen']) await post(`${prefix}/${b}/${verb}`, { reason: 'test' });
    const empty = await open(tools, '/v1/accounts', { owner: 'Empty', currency: 'USD' });
    for (const verb of ['close', 'reopen']) await post(`${prefix}/${empty}/${verb}`);
    for (const id of [a, 801, 4_711]) {
      await get(`${prefix}/${id}`);
      await get(`${prefix}/${id}/balance`);
      await get(`${prefix}/${id}/history?limit=3`);
    }
  }
  await get(`/ledger/account/${a}/balance?at=2030-01-01T00:00:00Z`);
  for (const path of ['/ledger/events/', '/v1/events']) await get(`${path}?limit=5&account_id=${a}`);
  for (const id of [deposit, bought, 999_999]) await get(`/v1/transactions/${id}`);
}

async function callUsers({ post, get }: Tools, { a }: Made): Promise<void> {
  const email = 'shape@example.com';
  const { customerId, access: token, refresh } = await newCustomer(api);
  await post('/auth/register', { email, password: PASSWORD, first_name: 'Shape', last_name: 'Test' });
  await post('/auth/register', { email, password: PASSWORD, first_name: 'Shape', last_name: 'Test' });
  await post('/auth/login', { email, password: PASSWORD });
  await post('/auth/login', { email, password: 'wrong password' });
  await call('GET', '/auth/me', { token });
  const own: Call = { token };
  const named = `customer_id=${customerId}`;
  const budget = { category: 'groceries', month: '2026-11', currency: 'USD', limit: '100' };
  const { json: made } = await call('PUT', '/v1/budgets', { ...own, body: budget });
  await get(`/v1/budgets?${named}`);
  await call('DELETE', `/v1/budgets/${made.budget_id}`, own);
  await call('DELETE', '/v1/budgets/999', own);
  const list = (await call('POST', '/v1/watch-lists', { ...own, body: { name: 'tech', symbols: ['ACME'] } })).json.watch_list_id as number;
  await call('POST', '/v1/watch-lists', { ...own, body: { name: 'tech', symbols: ['ACME'] } });
  await call('PUT', `/v1/watch-lists/${list}/symbols/BLUE`, own);
  await call('DELETE', `/v1/watch-lists/${list}/symbols/BLUE`, own);
  await get(`/v1/watch-lists?${named}`);
  await call('DELETE', `/v1/watch-lists/${list}`, own);
  const alert = (await call('POST', '/v1/price-alerts', { ...own, body: { symbol: 'ACME', direction: 'above', price: '1' } })).json;
  await call('PATCH', `/v1/price-alerts/${alert.price_alert_id}`, { ...own, body: { enabled: false } });
  await get(`/v1/price-alerts?${named}`);
  await call('DELETE', `/v1/price-alerts/${alert.price_alert_id}`, own);
  const trader = (await get(`/v1/accounts/${a}`)).json.customer_id as number;
  for (const path of ['/v1/trades', '/v1/holdings']) await get(`${path}?customer_id=${trader}`);
  await get('/v1/instruments');
  await call('GET', '/v1/trades', {});
  await post('/auth/refresh', { refresh_token: refresh });
  await call('POST', '/auth/logout', own);
}

it('every answer has the shape that the API document gives for its status', async () => {
  const staff = (await newOperator(api, users)).access;
  const post = (path: string, body?: unknown, more: Call = {}) =>
    call('POST', path, { ...(body === undefined ? {} : { body }), token: staff, key: freshKey(), ...more });
  const get = (path: string, more: Call = {}) => call('GET', path, { token: staff, ...more });
  const made = await callMoney({ post, get });
  await callAccounts({ post, get }, made);
  await callUsers({ post, get }, made);

  expect(wrong).toEqual([]);
  const all = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  expect(all.filter((name) => !answered.has(name))).toEqual([]);
});
