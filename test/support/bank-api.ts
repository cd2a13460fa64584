// The bank API on a throw-away MySQL, listening on a free port, with a client that speaks JSON and keeps what was logged.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startBank, type BankServer, type ServeOptions } from '../../bank/api/serve.ts';
import { migrate } from '../../bank/schema/migrate.ts';
import { createLog } from '../../infra/runtime/log.ts';
import { startMysql, type TestMysql } from './mysql-server.ts';
import { openBank, type TestBank } from './test-bank.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Answers are checked field by field.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any;
}

export interface Call {
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Idempotency-Key. */
  readonly key?: string;
  /** Bearer token or service key. */
  readonly token?: string;
}

export interface TestApi extends AsyncDisposable {
  readonly mysql: TestMysql;
  readonly bank: TestBank;
  readonly server: BankServer;
  /** Everything logged so far, as JSON lines. */
  readonly log: string[];
  call(method: string, path: string, call?: Call): Promise<Reply>;
  post(path: string, body?: unknown, call?: Call): Promise<Reply>;
  get(path: string, call?: Call): Promise<Reply>;
  /** A new account with money in it; answers its id. */
  account(balance?: string, owner?: string): Promise<number>;
  /** A further server on the same bank. */
  serve(more?: Partial<ServeOptions>): Promise<BankServer>;
  /** A digest of every table but those that refusals may touch (idempotency keys, login attempts). */
  state(): Promise<string>;
}

const SERVICE = { user: 'ledgerflow_service', password: 'service-password' };
const DATABASE = 'bank';

let keys = 0;

/** A key that no other call has used. */
export function freshKey(): string {
  keys += 1;
  return `key-${process.pid}-${keys}`;
}

export async function startTestApi(options: Partial<ServeOptions> = {}): Promise<TestApi> {
  const mysql = await startMysql();
  const bank = await openBank(mysql, DATABASE);
  await bank.run(`CREATE USER '${SERVICE.user}'@'%' IDENTIFIED BY '${SERVICE.password}'`);
  await bank.run(`GRANT REPLICATION CLIENT ON *.* TO '${SERVICE.user}'@'%'`);
  await migrate({ ...mysql, database: DATABASE });
  const home = mkdtempSync(path.join(tmpdir(), 'lf-bank-'));
  const log: string[] = [];
  const servers: BankServer[] = [];
  const serve: TestApi['serve'] = async (more = {}) => {
    const { host, port } = mysql;
    const made = await startBank({
      host: '127.0.0.1',
      port: 0,
      auth: 'off',
      execution: 'grouped',
      home,
      login: { host, port, ...SERVICE, database: DATABASE },
      version: 'test',
      log: createLog({ level: 'debug', part: 'bank', destination: { write: (line) => void log.push(line) } }),
      ...options,
      ...more,
    });
    servers.push(made);
    return made;
  };
  const server = await serve();
  const call: TestApi['call'] = (method, where, more) => request(`${server.url}${where}`, method, more);
  const post: TestApi['post'] = (where, body, more) => call('POST', where, { ...(body === undefined ? {} : { body }), ...more });
  const api: TestApi = {
    ...{ mysql, bank, server, log, call, post, serve },
    get: (where, more) => call('GET', where, more),
    account: (balance = '0', owner = 'Test Person') => openWith(api, balance, owner),
    state: () => digest(bank),
    [Symbol.asyncDispose]: async () => {
      for (const each of servers) await each[Symbol.asyncDispose]();
      await bank[Symbol.asyncDispose]();
      await mysql[Symbol.asyncDispose]();
      rmSync(home, { recursive: true, force: true });
    },
  };
  return api;
}

/** One field of every row of an answer. */
export function column(rows: unknown, name: string): unknown[] {
  return (rows as Record<string, unknown>[]).map((row) => row[name]);
}

async function openWith(api: TestApi, balance: string, owner: string): Promise<number> {
  const opened = await api.post('/accounts/', { owner, currency: 'USD' });
  const id = Number(opened.json.account_id);
  if (/[1-9]/.test(balance)) await api.post('/deposit/', { account_id: id, amount: balance, type: 'DEPOSIT', idempotency_key: freshKey() });
  return id;
}

/** One request; the answer's JSON is undefined when it has none. */
export async function request(url: string, method: string, { body, raw, headers, key, token }: Call = {}): Promise<Reply> {
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

async function digest(bank: TestBank): Promise<string> {
  const tables = await bank.rows(
    `SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) AS name FROM information_schema.TABLES
     WHERE TABLE_SCHEMA IN (DATABASE(), CONCAT(DATABASE(), '_auth')) AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1`,
  );
  const names = tables.map(({ name }) => String(name)).filter((name) => !/\.(idempotency_keys|login_attempts)$/.test(name));
  const sums = await bank.rows(`CHECKSUM TABLE ${names.join(', ')}`);
  return sums.map((row) => `${String(row['Table'])} ${String(row['Checksum'])}`).join('\n');
}
