// What a login reaches, over HTTP on a real MySQL: customers their own accounts, operators and service keys all of them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceKeys } from '../auth/service-keys.ts';
import { freshKey, request, startTestApi, type TestApi } from '../../test/support/bank-api.ts';
import { newAccount, newCustomer, newOperator, usersOf } from '../../test/support/bank-users.ts';
import type { UserStore } from '../auth/user-store.ts';

let api: TestApi;
let users: UserStore;
let now = Date.now();

beforeAll(async () => {
  api = await startTestApi({ auth: 'on', now: () => now });
  users = usersOf(api);
});

afterAll(async () => {
  await users?.pool.end();
  await api?.[Symbol.asyncDispose]();
});

describe('a customer', () => {
  it('opens and uses accounts of their own', async () => {
    const { access: token, customerId } = await newCustomer(api);
    const account = await newAccount(api, token);
    expect((await api.get(`/accounts/${account}`, { token })).json).toMatchObject({ customer_id: customerId, owner: 'Ann Other' });
    expect((await api.post('/v1/deposits', { account_id: account, amount: '20' }, { token, key: freshKey() })).status).toBe(201);
    expect((await api.get(`/accounts/${account}/history`, { token })).json.entries).toHaveLength(1);
  });

  it('pays into another account, and reaches nothing else of it', async () => {
    const [ann, bob] = [await newCustomer(api), await newCustomer(api)];
    const [a, b] = [await newAccount(api, ann.access), await newAccount(api, bob.access)];
    const token = ann.access;
    await api.post('/v1/deposits', { account_id: a, amount: '20' }, { token, key: freshKey() });
    const paid = await api.post('/v1/transfers', { from_account_id: a, to_account_id: b, amount: '5' }, { token, key: freshKey() });
    expect(paid.status).toBe(201);
    expect((await api.get(`/v1/transactions/${paid.json.transaction_id}`, { token: bob.access })).status).toBe(200);
    const before = await api.state();
    const forbidden: [string, string, unknown?][] = [
      ['GET', `/accounts/${b}`],
      ['GET', `/accounts/${b}/balance`],
      ['GET', `/ledger/account/${b}/balance`],
      ['GET', `/accounts/${b}/history`],
      ['GET', `/ledger/events/?account_id=${b}`],
      ['GET', '/ledger/events/'],
      ['GET', '/accounts/801'],
      ['GET', '/accounts/99999999'],
      ['GET', '/v1/transactions/99999999'],
      ['GET', '/v1/holds/1'],
      ['POST', '/deposit/', { account_id: b, amount: 1 }],
      ['POST', '/v1/withdrawals', { account_id: b, amount: 1 }],
      ['POST', '/transfer/', { from_account_id: b, to_account_id: a, amount: 1 }],
      ['POST', '/ledger/transfer/', { source_account_id: b, destination_account_id: a, amount: 1, currency: 'USD' }],
      ['POST', '/v1/transfers', { from_account_id: a, to_account_id: 801, amount: 1 }],
      ['POST', '/v1/transfers', { from_account_id: a, to_account_id: b, amount: 1, effective_at: '2020-01-01T00:00:00Z' }],
      ['POST', '/v1/purchases', { account_id: b, amount: 1, merchant_id: 1 }],
      ['POST', '/v1/holds', { account_id: b, amount: 1, merchant_id: 1 }],
      ['POST', '/v1/fees', { account_id: a, amount: 1 }],
      ['POST', '/v1/refunds', { transaction_id: paid.json.transaction_id }],
      ['POST', '/v1/reversals', { transaction_id: paid.json.transaction_id }],
      ['POST', '/v1/journal', { form: 'legs', legs: [{ account_id: b, direction: 'DEBIT', amount: 1 }, { account_id: a, direction: 'CREDIT', amount: 1 }] }],
      ['POST', '/v1/journal', { form: 'exchange', from_account_id: a, to_account_id: a, amount: 1, rate: 1000 }],
      ['POST', `/accounts/${a}/freeze`, {}],
      ['POST', `/accounts/${b}/close`, {}],
      ['POST', '/v1/accounts', { customer_id: bob.customerId, currency: 'USD' }],
      ['POST', '/v1/accounts', { customer_id: ann.customerId, currency: 'USD', overdraft_limit: '1000' }],
      ['POST', '/ledger/account/', { currency: 'USD', type: 'credit' }],
      ['PUT', '/v1/budgets', { customer_id: bob.customerId, category: 'a', month: '2026-11', limit: 1 }],
      ['GET', `/v1/price-alerts?customer_id=${bob.customerId}`],
    ]; // prettier-ignore
    for (const [method, path, body] of forbidden)
      expect(
        await api.call(method, path, { token, key: freshKey(), ...(body === undefined ? {} : { body }) }),
        `${method} ${path}`,
      ).toMatchObject({
        status: 403,
        json: { code: 'forbidden' },
      });
    const transfers = [{ from_account_id: b, to_account_id: a, amount: 1, idempotency_key: freshKey() }];
    expect((await api.post('/v1/transfers:batch', { mode: 'continue', transfers }, { token })).status).toBe(403);
    expect(await api.state()).toBe(before);
    expect(api.log.join('')).toMatch(/"actor":"user:\d+"/);
  });
});

describe('operators and services', () => {
  it('reach every account', async () => {
    const [ann, staff] = [await newCustomer(api), await newOperator(api, users)];
    const account = await newAccount(api, ann.access);
    expect((await api.get(`/accounts/${account}`, { token: staff.access })).status).toBe(200);
    expect((await api.post(`/accounts/${account}/freeze`, {}, { token: staff.access })).json.status).toBe('frozen');
    expect((await api.get('/ledger/events/', { token: staff.access })).status).toBe(200);
  });

  it('a service key opens the seeds’ paths until it is revoked', async () => {
    const keys = new ServiceKeys(users);
    const { key: token } = (await keys.create('generator'))!;
    expect(await keys.create('generator')).toBeUndefined();
    const opened = await api.post('/accounts/', { owner: 'Alice', currency: 'USD' }, { token });
    expect(opened.status).toBe(201);
    expect((await api.get(`/accounts/${opened.json.account_id}`, { token: `${token.slice(0, -2)}xx` })).status).toBe(401);
    expect(await keys.revoke('generator')).toBe(true);
    now += 11_000;
    expect((await api.get(`/accounts/${opened.json.account_id}`, { token })).status).toBe(401);
    now -= 11_000;
    expect(api.log.join('').includes(token)).toBe(false);
  });

  it('while logins are off, nobody is needed, but a wrong token is still refused', async () => {
    const open = await api.serve({ auth: 'off' });
    expect((await request(`${open.url}/accounts/801`, 'GET')).status).toBe(200);
    expect((await request(`${open.url}/accounts/801`, 'GET', { token: 'abc.def.ghi' })).status).toBe(401);
    expect((await request(`${open.url}/health`, 'GET')).json.auth).toBe('off');
  });
});

describe('what a customer keeps', () => {
  it('budgets: one per category and month, replaced, listed, removed', async () => {
    const { access: token, customerId } = await newCustomer(api);
    const body = { category: 'groceries', month: '2026-11', currency: 'USD', limit: '400.00' };
    const first = await api.call('PUT', '/v1/budgets', { body, token });
    expect(first).toMatchObject({ status: 200, json: { customer_id: customerId, limit: '400.00' } });
    expect(first.headers.get('ledger-gtid')).toBe(first.json.gtid);
    expect((await api.call('PUT', '/v1/budgets', { body: { ...body, limit: 350.5 }, token })).json).toMatchObject({
      budget_id: first.json.budget_id,
      limit: '350.50',
    });
    expect((await api.call('PUT', '/v1/budgets', { body: { ...body, limit: 1.005 }, token })).json).toMatchObject({
      code: 'amount_too_precise',
      field: 'limit',
    });
    expect((await api.get('/v1/budgets?month=2026-11', { token })).json.budgets).toHaveLength(1);
    const other = await newCustomer(api);
    expect((await api.call('DELETE', `/v1/budgets/${first.json.budget_id}`, { token: other.access })).status).toBe(404);
    expect((await api.call('DELETE', `/v1/budgets/${first.json.budget_id}`, { token })).json.removed).toBe(true);
  });

  it('watch lists and price alerts', async () => {
    const { access: token } = await newCustomer(api);
    const made = await api.post('/v1/watch-lists', { name: 'Tech', symbols: ['AAPL', 'MSFT', 'AAPL'] }, { token });
    expect(made.status).toBe(201);
    expect(await api.post('/v1/watch-lists', { name: 'Tech' }, { token })).toMatchObject({ status: 409, json: { code: 'name_taken' } });
    const list = `/v1/watch-lists/${made.json.watch_list_id}`;
    await api.call('PUT', `${list}/symbols/NVDA`, { token });
    await api.call('DELETE', `${list}/symbols/MSFT`, { token });
    expect((await api.get('/v1/watch-lists', { token })).json.watch_lists).toMatchObject([{ name: 'Tech', symbols: ['AAPL', 'NVDA'] }]);
    expect((await api.call('DELETE', list, { token })).json.removed).toBe(true);
    const alert = await api.post('/v1/price-alerts', { symbol: 'AAPL', direction: 'above', price: 250.25 }, { token });
    expect(alert.status).toBe(201);
    const path = `/v1/price-alerts/${alert.json.price_alert_id}`;
    expect((await api.call('PATCH', path, { body: { enabled: false }, token })).json.enabled).toBe(false);
    expect((await api.get('/v1/price-alerts', { token })).json.price_alerts).toMatchObject([
      { symbol: 'AAPL', price: '250.2500', enabled: false },
    ]);
    expect((await api.call('DELETE', path, { token })).json.removed).toBe(true);
  });

  it('operators name the customer', async () => {
    const [ann, staff] = [await newCustomer(api), await newOperator(api, users)];
    const body = { category: 'rent', month: '2026-12', limit: '900' };
    expect(await api.call('PUT', '/v1/budgets', { body, token: staff.access })).toMatchObject({
      status: 400,
      json: { field: 'customer_id' },
    });
    expect((await api.call('PUT', '/v1/budgets', { body: { ...body, customer_id: ann.customerId }, token: staff.access })).status).toBe(
      200,
    );
    expect(await api.call('PUT', '/v1/budgets', { body: { ...body, customer_id: 99999999 }, token: staff.access })).toMatchObject({
      status: 404,
      json: { code: 'unknown_customer' },
    });
  });
});
