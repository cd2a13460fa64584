// The dashboards' API against a real bank and a real store: who gets in, whose rows come back, what is refused, what is bounded.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newCustomer, newOperator, PASSWORD, usersOf, type Customer } from '../../test/support/bank-users.ts';
import { cookiesOf, dashboardsWorld, type DashboardsWorld } from './testkit.ts';

let world: DashboardsWorld;
let ann: Customer;
let cookie: string;
let operator: string;

beforeAll(async () => {
  world = await dashboardsWorld();
  ann = await newCustomer(world.bank);
  cookie = await world.login(ann.email, PASSWORD);
  const users = usersOf(world.bank);
  operator = `Bearer ${(await newOperator(world.bank, users)).access}`;
  await users.pool.end();
});
afterAll(async () => world?.[Symbol.asyncDispose]());

const codeOf = async (path: string, ask: Parameters<DashboardsWorld['ask']>[1] = {}) => {
  const { status, json } = await world.ask(path, ask);
  return [status, json.error?.code];
};

describe('a session', () => {
  it('lives in cookies that scripts and other sites cannot use; no token is in an answer', async () => {
    const answer = await world.ask('/api/session/login', { body: { email: ann.email, password: PASSWORD } });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ role: 'customer', customerId: String(ann.customerId), demo: false, expiresAt: expect.any(String) });
    const [session, refresh] = answer.headers.getSetCookie();
    expect(session).toMatch(/^lf_session=.*Path=\/api; HttpOnly; SameSite=Strict$/);
    expect(refresh).toMatch(/^lf_refresh=.*Path=\/api\/session; HttpOnly; SameSite=Strict$/);
  });

  it('needs the right password', async () => {
    expect(await codeOf('/api/session/login', { body: { email: ann.email, password: 'wrong password' } })).toEqual([401, 'login_failed']);
    expect(await codeOf('/api/session/login', { body: { email: ann.email } })).toEqual([400, 'malformed']);
  });

  it('is asked for everywhere, and a forged one is none', async () => {
    expect(await codeOf('/api/customer/overview')).toEqual([401, 'not_logged_in']);
    expect(await codeOf('/api/live')).toEqual([401, 'not_logged_in']);
    const [head = '', payload = '', signature = ''] = ann.access.split('.');
    const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), role: 'operator' };
    const forged = `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
    const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`;
    for (const token of [forged, unsigned, 'nonsense'])
      expect(await codeOf('/api/customer/overview', { headers: { authorization: `Bearer ${token}` } })).toEqual([401, 'not_logged_in']);
  });

  it('ends with its token, and is renewed once for all pages that ask at the same moment', async () => {
    const mine = await world.login(ann.email, PASSWORD);
    world.clock.aheadMs = 901_000;
    expect(await codeOf('/api/customer/overview', { cookie: mine })).toEqual([401, 'session_expired']);
    world.clock.aheadMs = 0;
    const renewed = await Promise.all([1, 2, 3].map(() => world.ask('/api/session/refresh', { body: {}, cookie: mine })));
    expect(renewed.map(({ status }) => status)).toEqual([200, 200, 200]);
    const fresh = cookiesOf(renewed[0]!);
    expect((await world.ask('/api/customer/overview', { cookie: fresh })).status).toBe(200);
    expect((await world.ask('/api/session/logout', { body: {}, cookie: fresh })).status).toBe(200);
    expect(await codeOf('/api/session/refresh', { body: {}, cookie: fresh })).toEqual([401, 'session_expired']);
  });

  it('takes orders from our own pages only', async () => {
    const body = { from_account_id: '1', to_account_id: '2', amount: '1' };
    const bare = await fetch(new URL('/api/bank/transfers', world.server.url), {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(bare.status).toBe(403);
    expect(await codeOf('/api/bank/transfers', { cookie, body, headers: { 'sec-fetch-site': 'cross-site' } })).toEqual([403, 'forbidden']);
  });

  it('without a password exists only where the bank asks for none, and only by address', async () => {
    expect(await codeOf('/api/session/demo', { body: { customerId: '7' } })).toEqual([403, 'forbidden']);
    const open = await world.serve({ auth: 'off' });
    const entered = await world.ask('/api/session/demo', { body: { customerId: '7' } }, open);
    expect(entered.json).toMatchObject({ role: 'customer', customerId: '7', demo: true });
    const demo = cookiesOf(entered);
    expect((await world.ask('/api/customer/overview', { cookie: demo }, open)).json.accounts.rows).toHaveLength(1);
    expect(await codeOf('/api/customer/overview', { cookie: demo })).toEqual([401, 'not_logged_in']);
    const spend = { from_account_id: '71', to_account_id: '70', amount: '1' };
    expect((await world.ask('/api/bank/transfers', { cookie: demo, body: spend }, open)).json.error.code).toBe('forbidden');
    const named = await open.app.inject({ method: 'GET', url: '/api/session/demo', headers: { host: 'rebound.example.com' } });
    expect(named.statusCode).toBe(403);
  });
});

describe('rows', () => {
  it('are the own ones of a customer, exact to the last digit, with the position they include', async () => {
    const mine = (await world.ask('/api/customer/overview', { cookie })).json;
    expect(mine.accounts).toEqual({ state: 'ready', rows: [] });
    expect(mine.included).toMatchObject({ commitId: 1, gtid: 'server:1', seq: 1 });
    const other = (await world.ask('/api/customer/overview?customer_id=7', { headers: { authorization: operator } })).json;
    expect(other.accounts.rows).toMatchObject([{ account_id: '70', balance: '123456789012345678.9012' }]);
  });

  it('of somebody else are refused, and so are operators that name nobody', async () => {
    expect(await codeOf('/api/customer/overview?customer_id=7', { cookie })).toEqual([403, 'forbidden']);
    expect(await codeOf('/api/customer/overview', { headers: { authorization: operator } })).toEqual([400, 'malformed']);
    expect(await codeOf("/api/customer/spending?month=2026-11-01'--", { cookie })).toEqual([400, 'malformed']);
  });

  it('that are not there yet, or cannot be read, cost only their own part', async () => {
    const { cashback, budgets } = (await world.ask('/api/customer/month', { cookie })).json;
    expect((await world.ask('/api/customer/overview', { cookie })).json.accounts.state).toBe('ready');
    expect(cashback).toEqual({ state: 'absent', table: 'gold.cashback' });
    expect(budgets).toEqual({ state: 'failed', message: expect.stringContaining('month') });
  });
});

describe('operators', () => {
  it('alone see the pipeline, whose silent parts are said to be silent', async () => {
    for (const page of [
      'pipeline',
      'publications',
      'tables',
      'topics',
      'connector',
      'parked',
      'quality',
      'incidents',
      'fraud',
      'recon',
      'recon/runs',
      'recon/sources',
      'jobs',
    ])
      expect(await codeOf(`/api/operator/${page}`, { cookie }), page).toEqual([403, 'forbidden']);
    const { json } = await world.ask('/api/operator/pipeline', { headers: { authorization: operator } });
    expect(json).toMatchObject({ processor: { ok: false }, connector: { ok: false }, totals: { state: 'ready' } });
    expect(await codeOf('/api/operator/topics', { headers: { authorization: operator } })).toEqual([503, 'unavailable']);
    expect(await codeOf('/api/operator/parked/redrive', { body: { all: true }, headers: { authorization: operator } })).toEqual([
      409,
      'refused',
    ]);
  });

  it('run SQL that reads, up to 500 rows', async () => {
    const run = (sql: string) => world.ask('/api/operator/sql', { body: { sql }, headers: { authorization: operator } });
    expect((await run('SELECT 1 AS one, NULL AS nothing')).json).toMatchObject({
      columns: [{ name: 'one', numeric: true }, { name: 'nothing' }],
      rows: [['1', null]],
      truncated: false,
    });
    const many = (await run('SELECT * FROM range(100000)')).json;
    expect([many.rows.length, many.truncated]).toEqual([500, true]);
    expect((await run('DROP TABLE gold.dim_accounts')).json.error.code).toBe('statement_failed');
    expect((await run('SELECT * FROM nowhere')).json.error.message).toContain('nowhere');
    expect(await codeOf('/api/operator/sql', { body: { sql: 'SELECT 1' }, cookie })).toEqual([403, 'forbidden']);
  });
});

describe('the stream of positions', () => {
  it('tells of a commit, and of a turn after it, from one poller however many listen, and is bounded for each user', async () => {
    const stop = new AbortController();
    const open = () => fetch(new URL('/api/live', world.server.url), { headers: { cookie }, signal: stop.signal });
    const streams = await Promise.all(Array.from({ length: 12 }, open));
    expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await open()).status).toBe(503);
    const reader = streams[0]!.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toContain('"commitId":1');
    await world.wire.writer.run(
      `INSERT INTO ops.commits VALUES (2, 2, 'server:2', now(), 0, 0, 0, 0, 0, 0, ''); UPDATE ops.gold_state SET commit_id = 2, gtid = 'server:2'`,
    );
    expect((await reader.read()).value).toMatch(/event: position\ndata: .*"gtid":"server:2"/);
    await world.wire.writer.run(
      `INSERT INTO ops.gold_turns VALUES ('dim_merchants', 2, 'server:2', TIMESTAMPTZ '2026-11-22 04:00:00.5+00', 1)`,
    );
    expect((await reader.read()).value).toMatch(/event: position\ndata: .*"commitId":2,.*"turnedAt":"2026-11-22T04:00:00.500Z"/);
    stop.abort();
  });

  it('ends with the session', async () => {
    world.clock.aheadMs = 899_000;
    const stream = await fetch(new URL('/api/live', world.server.url), {
      headers: { authorization: `Bearer ${(await freshToken()).access}` },
    });
    world.clock.aheadMs = 0;
    expect(await stream.text()).toContain('event: expired');
  });
});

it('sends headers that keep other sites and scripts out', async () => {
  const { headers } = await world.ask('/api/config');
  expect(headers.get('content-security-policy')).toContain("default-src 'self'");
  expect(headers.get('content-security-policy')).not.toContain('unsafe');
  expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('cache-control')).toBe('no-store');
});

async function freshToken(): Promise<{ access: string }> {
  const { json } = await world.bank.post('/auth/login', { email: ann.email, password: PASSWORD });
  return { access: json.access_token };
}
