// A small working store behind the endpoint, for the tests of this folder: a DuckDB file in a temporary folder, real sockets, real clients.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { Client, type ClientConfig } from 'pg';
import { pino } from 'pino';
import { STORE_DDL } from '../../lake/store/layout.ts';
import { startWire, type WireOptions, type WireServer } from './server.ts';

export const USER = 'ledgerflow';
export const PASSWORD = 'a "strange" pässword';
export const DATABASE = 'ledgerflow';

const WORLD = `
CREATE TABLE _rows.accounts (account_id BIGINT, owner VARCHAR, balance DECIMAL(20,4), opened_at TIMESTAMP, seen_at TIMESTAMPTZ, active BOOLEAN);
INSERT INTO _rows.accounts SELECT range, 'owner ' || range, (range * 1.25)::DECIMAL(20,4), TIMESTAMP '2026-01-01' + INTERVAL (range) SECOND,
  TIMESTAMPTZ '2026-01-01 00:00:00Z' + INTERVAL (range) SECOND, range % 2 = 0 FROM range(10000);
CREATE VIEW silver.accounts AS SELECT * FROM _rows.accounts;
CREATE TABLE gold.daily_volumes (day DATE, status VARCHAR, payments BIGINT, volume DECIMAL(38,4));
INSERT INTO gold.daily_volumes SELECT DATE '2026-01-01' + range::INTEGER, CASE WHEN range % 3 = 0 THEN 'failed' ELSE 'posted' END, range, (range * 10.5)::DECIMAL(38,4) FROM range(365);
COMMENT ON TABLE gold.daily_volumes IS 'Volume per day and status';
CREATE TABLE gold."odd name" ("a column" INTEGER);`;

export interface WireWorld extends AsyncDisposable {
  readonly wire: WireServer;
  readonly folder: string;
  /** A connection that writes, as the processor's own does. */
  readonly writer: DuckDBConnection;
  client(options?: ClientConfig): Promise<Client>;
  psql(...commands: string[]): Promise<{ out: string; errors: string }>;
}

/** Starts a store and the endpoint on a free port. */
export async function wireWorld(overrides: Partial<WireOptions> = {}): Promise<WireWorld> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ledgerflow-wire-'));
  const instance = await DuckDBInstance.create(path.join(folder, 'ledgerflow.duckdb'), { threads: '2' });
  const writer = await instance.connect();
  await writer.run(STORE_DDL);
  await writer.run(WORLD);
  await writer.run(
    `COPY (SELECT range AS n FROM range(10)) TO '${folder}/segment.parquet'; CREATE VIEW bronze.changes AS SELECT * FROM read_parquet('${folder}/*.parquet')`,
  );
  const wire = await startWire({
    host: '127.0.0.1',
    port: 0,
    user: USER,
    password: PASSWORD,
    database: DATABASE,
    connect: () => instance.connect(),
    statementTimeoutMs: 10_000,
    minGtidTimeoutMs: 2_000,
    rowsMax: 5_000_000,
    concurrencyMax: 4,
    connectionsMax: 20,
    log: pino({ level: 'silent' }),
    ...overrides,
  });
  const address = { host: '127.0.0.1', port: wire.port, user: USER, password: PASSWORD, database: DATABASE };
  const clients: Client[] = [];
  return {
    wire,
    folder,
    writer,
    client: async (options = {}) => {
      const client = new Client({ ...address, ...options });
      client.on('error', () => undefined);
      clients.push(client);
      await client.connect();
      return client;
    },
    psql: (...commands) => runPsql(wire.port, commands),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
      await wire[Symbol.asyncDispose]();
      writer.closeSync();
      instance.closeSync();
      await rm(folder, { recursive: true });
    },
  };
}

function runPsql(port: number, commands: readonly string[]): Promise<{ out: string; errors: string }> {
  const places = ['-h', '127.0.0.1', '-p', String(port), '-U', USER, '-d', DATABASE];
  const environment = { PATH: process.env['PATH'], PGPASSWORD: PASSWORD, PGCLIENTENCODING: 'UTF8', PSQLRC: '/dev/null' };
  return new Promise((resolve) => {
    execFile(
      'psql',
      ['-w', '-X', '-A', '-P', 'footer=off', ...places, ...commands.flatMap((command) => ['-c', command])],
      { env: environment },
      (_error, out, errors) => resolve({ out, errors }),
    );
  });
}

/** Whether a psql can be had here; the reason is shown where its tests are skipped. */
export function psqlVersion(): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('psql', ['--version'], (error, out) => resolve(error === null ? out.trim() : undefined));
  });
}

/** The SQLSTATE a query is refused with; fails when it is answered. */
export async function sqlstateOf(query: Promise<unknown>): Promise<string> {
  try {
    await query;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'answered';
}
