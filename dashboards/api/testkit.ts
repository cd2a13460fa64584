// The dashboards' API on a real store behind the SQL endpoint and a real bank, for the tests of this folder: no Kafka.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLog } from '../../infra/runtime/log.ts';
import { startTestApi, type TestApi } from '../../test/support/bank-api.ts';
import { DATABASE, PASSWORD as WIRE_PASSWORD, USER, wireWorld, type WireWorld } from '../wire/testkit.ts';
import { startDashboards, type DashboardsOptions, type DashboardsServer } from './serve.ts';

const GOLD = `
CREATE TABLE gold.dim_customers (customer_id BIGINT, first_name VARCHAR, last_name VARCHAR);
CREATE TABLE gold.dim_accounts (account_id BIGINT, customer_id BIGINT, account_type VARCHAR, currency VARCHAR, status VARCHAR, balance DECIMAL(38,4), entries BIGINT);
CREATE TABLE gold.budgets (customer_id BIGINT, nothing_else INTEGER);
INSERT INTO gold.dim_customers VALUES (7, 'Somebody', 'Else');
INSERT INTO gold.dim_accounts VALUES (70, 7, 'checking', 'USD', 'active', 123456789012345678.9012, 1);
DELETE FROM ops.gold_state; INSERT INTO ops.gold_state VALUES (1, 'server:1', now(), NULL, NULL);
INSERT INTO ops.commits VALUES (1, 1, 'server:1', now(), 0, 0, 0, 0, 0, 0, '');`;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Answers are checked field by field.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any;
}

export interface Ask {
  readonly body?: object;
  readonly cookie?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

export interface DashboardsWorld extends AsyncDisposable {
  readonly bank: TestApi;
  readonly wire: WireWorld;
  readonly server: DashboardsServer;
  /** The clock of the dashboards, moved by adding to it. */
  readonly clock: { aheadMs: number };
  ask(path: string, ask?: Ask, server?: DashboardsServer): Promise<Answer>;
  /** Logs in; answers the cookies as a browser sends them back. */
  login(email: string, password: string): Promise<string>;
  serve(more?: Partial<DashboardsOptions>): Promise<DashboardsServer>;
}

export async function dashboardsWorld(): Promise<DashboardsWorld> {
  const [bank, wire, pages] = await Promise.all([startTestApi({ auth: 'on' }), wireWorld(), mkdtemp(path.join(tmpdir(), 'lf-pages-'))]);
  await wire.writer.run(GOLD);
  const clock = { aheadMs: 0 };
  const servers: DashboardsServer[] = [];
  const serve: DashboardsWorld['serve'] = async (more = {}) => {
    const made = await startDashboards({
      ...{ host: '127.0.0.1', port: 0, home: pages, auth: 'on', pages, version: 'test' },
      wire: { host: '127.0.0.1', port: wire.wire.port, user: USER, password: WIRE_PASSWORD, database: DATABASE },
      bankUrl: bank.server.url,
      endpoints: {
        connect: { url: 'http://127.0.0.1:9', connector: 'none' },
        kafka: { brokers: '127.0.0.1:9' },
        metrics: { url: 'http://127.0.0.1:9/metrics' },
      },
      log: createLog({ level: 'silent', part: 'dashboards' }),
      now: () => Date.now() + clock.aheadMs,
      ...more,
    });
    servers.push(made);
    return made;
  };
  const server = await serve();
  const ask: DashboardsWorld['ask'] = async (to, { body, cookie, headers = {}, method } = {}, on = server) => {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const sent = {
      'x-ledgerflow': '1',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(cookie === undefined ? {} : { cookie }),
      ...headers,
    };
    const answer = await fetch(new URL(to, on.url), { method: method ?? (body === undefined ? 'GET' : 'POST'), headers: sent, ...content });
    return { status: answer.status, headers: answer.headers, json: await answer.json() };
  };
  return {
    ...{ bank, wire, server, clock, ask, serve },
    login: async (email, password) => cookiesOf(await ask('/api/session/login', { body: { email, password } })),
    [Symbol.asyncDispose]: async () => {
      for (const one of servers) await one[Symbol.asyncDispose]();
      await wire[Symbol.asyncDispose]();
      await bank[Symbol.asyncDispose]();
      await rm(pages, { recursive: true });
    },
  };
}

export function cookiesOf({ headers }: Answer): string {
  return headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0] ?? '')
    .join('; ');
}
