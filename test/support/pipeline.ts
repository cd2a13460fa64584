// The whole product in a temporary home, started the way a user starts it, for end-to-end tests.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { Login } from '../../infra/native/run-file.ts';
import { messageOf } from '../../infra/runtime/errors.ts';
import type { Status } from '../../infra/runtime/status.ts';
import { guardHome } from './guard-home.ts';

const PROGRAM = fileURLToPath(new URL('../../cli/ledgerflow.mjs', import.meta.url));
const START_DEADLINE_MS = 240_000;

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TestPipeline extends AsyncDisposable {
  readonly home: string;
  /** Runs a `ledgerflow` command against this home. */
  run(...args: string[]): Promise<CommandResult>;
  status(): Promise<Status>;
  /** A MySQL connection as an ordinary client has it. */
  mysql(): Promise<mysql.Connection>;
  /** A MySQL connection as root, for tables and faults. */
  root(): Promise<mysql.Connection>;
  /** A connection to the PostgreSQL endpoint. */
  sql(): Promise<pg.Client>;
  /** Process id of a running part. */
  pidOf(part: string): Promise<number>;
  /** Waits until everything written to MySQL before the call is in gold, whatever is restarted meanwhile. */
  caughtUp(deadlineMs?: number): Promise<void>;
  /** Ctrl-C; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Starts again in the same home. */
  start(): Promise<void>;
  readonly output: () => string;
}

/** Environment of a test's own run: no setting of the developer's leaks in. */
function cleanEnv(home: string, extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('LEDGERFLOW_') || name === 'LEDGERFLOW_CACHE');
  return { ...Object.fromEntries(inherited), LEDGERFLOW_HOME: home, ...PORTS, ...STILL, ...extra };
}

/** Away from the defaults and below the ports that clients are given; ten of each test process's own, so that runs side by side do not meet. */
const FIRST_PORT = 22_000 + (process.pid % 1_000) * 10;
const PORTS = {
  LEDGERFLOW_MYSQL_PORT: String(FIRST_PORT),
  LEDGERFLOW_KAFKA_PORT: String(FIRST_PORT + 2),
  LEDGERFLOW_CONNECT_PORT: String(FIRST_PORT + 4),
  LEDGERFLOW_DASHBOARDS_PORT: String(FIRST_PORT + 5),
  LEDGERFLOW_WIRE_PORT: String(FIRST_PORT + 6),
  LEDGERFLOW_BANK_PORT: String(FIRST_PORT + 7),
  LEDGERFLOW_METRICS_PORT: String(FIRST_PORT + 8),
  LEDGERFLOW_RECON_PORT: String(FIRST_PORT + 9),
};

/** After its first round the bank writes nothing by itself, so that a test compares MySQL with a lake that stands still. */
const STILL = { LEDGERFLOW_AUDIT_INTERVAL_MS: '86400000', LEDGERFLOW_MARKET_INTERVAL_MS: '86400000' };

/** Runs the program to its end. */
export function runProgram(home: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { env: cleanEnv(home, env), stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Starts `ledgerflow up` in a new home and waits until it streams. */
export async function startPipeline(env: Readonly<Record<string, string>> = {}, prepare = guardHome): Promise<TestPipeline> {
  const home = await mkdtemp(path.join(tmpdir(), 'lf-e2e-'));
  prepare(home);
  let child: ChildProcess | null = null;
  let output = '';
  const start = async (): Promise<void> => {
    const started = spawn(process.execPath, [PROGRAM, 'up', '--plain'], { env: cleanEnv(home, env), stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await waitFor('streaming', START_DEADLINE_MS, async () => {
      if (started.exitCode !== null) throw new Error(`ledgerflow up ended with ${started.exitCode}:\n${output.slice(-3_000)}`);
      return (await readState(home)) === 'streaming';
    });
  };
  const stop = async (): Promise<number | null> => {
    const running = child;
    if (running === null || running.exitCode !== null) return running?.exitCode ?? null;
    running.kill('SIGINT');
    return await new Promise((resolve) => running.once('exit', (code) => resolve(code)));
  };
  await start().catch(async (error: unknown) => {
    await stop();
    await rm(home, { recursive: true, force: true });
    throw error;
  });
  return pipelineIn(home, env, { start, stop, output: () => output });
}

/** A pipeline that something else starts and stops, reached through the run.json of its home. */
export function pipelineIn(
  home: string,
  env: Readonly<Record<string, string>>,
  process: Pick<TestPipeline, 'start' | 'stop' | 'output'>,
): TestPipeline {
  const endpoints = async (): Promise<RunEndpoints> => (await readRun(home)).endpoints;
  const sql = async (): Promise<pg.Client> => {
    const { wire } = await endpoints();
    const client = new pg.Client({ ...wire, types: { getTypeParser: () => String } });
    client.on('error', () => undefined); // a killed processor ends the connection; the next query says so
    await client.connect();
    return client;
  };
  const connect = async (login: { user: string; password: string }): Promise<mysql.Connection> => {
    const { host, port, database } = (await endpoints()).mysql;
    return mysql.createConnection({
      ...{ host, port, database, ...login },
      ...{ timezone: 'Z', dateStrings: true },
      supportBigNumbers: true,
      bigNumberStrings: true,
    });
  };
  const client = async (): Promise<mysql.Connection> => connect((await endpoints()).mysql);
  return {
    home,
    ...process,
    run: (...args) => runProgram(home, args, env),
    status: async () => {
      const { stdout, stderr } = await runProgram(home, ['status', '--json'], env);
      if (stdout === '') throw new Error(`no status: ${stderr}`);
      return JSON.parse(stdout) as Status;
    },
    mysql: client,
    root: async () =>
      connect({
        user: 'root',
        password: (JSON.parse(await readFile(path.join(home, 'secrets.json'), 'utf8')) as { mysqlRoot: string }).mysqlRoot,
      }),
    sql,
    pidOf: async (part) => {
      const found = (await readRun(home)).parts[part];
      if (found === undefined) throw new Error(`no part ${part}`);
      return found.pid;
    },
    caughtUp: (deadlineMs = 120_000) => caughtUp(client, sql, deadlineMs),
    async [Symbol.asyncDispose]() {
      await process.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

interface RunEndpoints {
  readonly mysql: Login;
  readonly wire: Login;
  readonly metrics: { readonly url: string };
}

async function readRun(home: string): Promise<{ endpoints: RunEndpoints; parts: Record<string, { pid: number } | undefined> }> {
  return JSON.parse(await readFile(path.join(home, 'run.json'), 'utf8')) as {
    endpoints: RunEndpoints;
    parts: Record<string, { pid: number }>;
  };
}

/** State as the processor itself reports it; null while it does not answer. */
async function readState(home: string): Promise<string | null> {
  try {
    const { metrics } = (await readRun(home)).endpoints;
    return ((await (await fetch(new URL('/status', metrics.url))).json()) as { state: string }).state;
  } catch {
    return null; // not up yet, or gone
  }
}

/** A row written now marks everything before it: commits are in source order, so gold has all of it when it has the row. */
async function caughtUp(connect: () => Promise<mysql.Connection>, sql: () => Promise<pg.Client>, deadlineMs: number): Promise<void> {
  const marker = `test-${Date.now()}-${Math.random().toString(36).slice(2)}`;
  await waitFor('the marker to be written', deadlineMs, async () => {
    const connection = await connect();
    try {
      await connection.query('INSERT INTO customers (first_name, last_name, email) VALUES (?, ?, ?)', [
        'Marker',
        marker,
        `${marker}@example.com`,
      ]);
      return true;
    } finally {
      connection.destroy();
    }
  });
  const ask = async (text: string, values: readonly string[] = []): Promise<unknown[]> => {
    const client = await sql();
    try {
      return (await client.query<object>(text, [...values])).rows;
    } finally {
      await client.end().catch(() => undefined); // the processor may be gone again
    }
  };
  await waitFor(
    'the marker to reach gold',
    deadlineMs,
    async () => (await ask('SELECT 1 FROM gold.dim_customers WHERE last_name = $1', [marker])).length === 1,
    () => ask('SELECT max(commit_id) FROM ops.commits'),
  );
}

/** A deadline that progress puts off comes after so many times its length at the latest. */
const PUT_OFF_MAX = 5;
const PROGRESS_EVERY_MS = 2_000;

/**
 * Asks until true; errors count as not yet, and the last one is told at the deadline.
 * @param progress how far the work has come: while it changes, the deadline is put off, because a machine under load is slow, not stuck
 */
export async function waitFor(
  what: string,
  deadlineMs: number,
  ask: () => Promise<boolean>,
  progress: () => Promise<unknown> = () => Promise.resolve(null),
): Promise<void> {
  const started = Date.now();
  let [deadline, looked, before] = [started + deadlineMs, started, ''];
  let last: unknown = null;
  while (Date.now() < deadline) {
    try {
      if (await ask()) return;
      last = null;
    } catch (error) {
      last = error;
      if (error instanceof Error && error.message.startsWith('ledgerflow up ended')) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
    if (Date.now() < looked + PROGRESS_EVERY_MS) continue;
    looked = Date.now();
    const now = JSON.stringify(await progress().catch(() => null));
    if (now !== before && now !== 'null') deadline = Math.min(Date.now() + deadlineMs, started + PUT_OFF_MAX * deadlineMs);
    if (now !== 'null') before = now;
  }
  throw new Error(`waited ${Date.now() - started} ms for ${what}${last === null ? '' : `: ${messageOf(last)}`}`);
}
