// The bank API under load over HTTP: the product's own `bank serve` on a MySQL of its own with durable commits, and once more with the
// whole pipeline capturing on the same machine, with the freshness of gold meanwhile. Acceptance is MySQL's durable commit.

import type { Connection } from 'mysql2/promise';
import { verifyLedger } from '../../bank/schema/verify.ts';
import { serveBank } from '../../test/support/bank-process.ts';
import { cpuMs, startBenchBank } from '../bank/server.ts';
import type { BankLoadInput, BankLoadResult } from '../programs/bank-load.ts';
import { runChild } from '../support/child.ts';
import type { BenchOptions } from '../support/options.ts';
import { percentiles, round } from '../support/stats.ts';

export const ACCOUNTS = 10_000;
const SECONDS = 15;
const SECONDS_QUICK = 5;
const WARM_UP_SECONDS = 2;
const BATCH_MEMBERS = 100;
const LEGS = [
  { mode: 'spread', connections: 64 },
  { mode: 'spread', connections: 256 },
  { mode: 'hot', connections: 64 },
  { mode: 'hot', connections: 256 },
  { mode: 'batch', connections: 4 },
] as const satisfies readonly Pick<BankLoadInput, 'mode' | 'connections'>[];

export interface HttpRow {
  readonly what: string;
  readonly connections: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time per transfer, µs. */
  readonly apiUs: number | null;
  readonly mysqldUs: number | null;
  readonly loadUs: number;
  readonly refused: number;
  readonly failed: number;
}

export interface HttpTarget {
  readonly host: string;
  readonly port: number;
  readonly firstAccount: number;
  readonly apiCpuMs: () => number | null;
  readonly mysqldCpuMs: () => number | null;
}

/** One leg after the other. */
export async function httpLegs(target: HttpTarget, { quick, tell }: BenchOptions): Promise<HttpRow[]> {
  const rows: HttpRow[] = [];
  for (const leg of LEGS) {
    const row = await httpLeg(target, leg, quick ? SECONDS_QUICK : SECONDS);
    tell(JSON.stringify(row));
    rows.push(row);
  }
  return rows;
}

/** One load against the API, with the processor time of the two servers meanwhile. */
export async function httpLeg(target: HttpTarget, leg: Pick<BankLoadInput, 'mode' | 'connections'>, seconds: number): Promise<HttpRow> {
  const { host, port, firstAccount, apiCpuMs, mysqldCpuMs } = target;
  const input = {
    host,
    port,
    firstAccount,
    accounts: ACCOUNTS,
    ...leg,
    seconds,
    warmUpSeconds: WARM_UP_SECONDS,
    batchMembers: BATCH_MEMBERS,
  };
  const before = [apiCpuMs(), mysqldCpuMs()];
  const result = await runChild<BankLoadResult>('bank-load.ts', input satisfies BankLoadInput);
  const after = [apiCpuMs(), mysqldCpuMs()];
  // The processes' time includes the warm-up: the transfers of that are estimated at the measured rate.
  const transfers = (result.posted * (seconds + WARM_UP_SECONDS)) / seconds;
  const perTransfer = (at: 0 | 1): number | null => {
    const [from, to] = [before[at], after[at]];
    return from === null || to === null || from === undefined || to === undefined ? null : round(((to - from) * 1_000) / transfers);
  };
  const { p50, p99 } = percentiles(result.latenciesMs);
  if (result.firstProblem !== null) process.stderr.write(`  ${result.firstProblem}\n`);
  return {
    what: leg.mode === 'batch' ? `batches of ${BATCH_MEMBERS}` : `transfers ${leg.mode}`,
    connections: leg.connections,
    perSecond: round(result.posted / result.seconds),
    p50Ms: p50,
    p99Ms: p99,
    apiUs: perTransfer(0),
    mysqldUs: perTransfer(1),
    loadUs: round((result.cpuMs * 1_000) / Math.max(1, result.posted)),
    refused: result.refused,
    failed: result.failed,
  };
}

/** Rich accounts of one customer, by a login that inserts plainly. */
export async function seedAccounts(connection: Pick<Connection, 'query'>, firstAccount: number): Promise<void> {
  await connection.query(`INSERT INTO customers (customer_id, first_name) VALUES (900001, 'Bench')`);
  for (let from = 0; from < ACCOUNTS; from += 500) {
    const rows = Array.from({ length: 500 }, (_, index) => `(${firstAccount + from + index}, 900001, 100000)`);
    await connection.query(`INSERT INTO accounts (account_id, customer_id, balance) VALUES ${rows.join(',')}`);
  }
}

export async function bankHttp(options: BenchOptions): Promise<object> {
  await using bench = await startBenchBank();
  const firstAccount = 50_001;
  options.tell(`seeding ${ACCOUNTS} accounts`);
  await seedAccounts(bench.bank.connection, firstAccount);
  const { user, password, host, port, database } = bench.service;
  const url = `mysql://${user}:${password}@${host}:${port}/${database}`;
  await using api = await serveBank({ LEDGERFLOW_MYSQL_URL: url, LEDGERFLOW_MYSQL_DATABASE: database, ...options.settings });
  const target = { ...api, firstAccount, apiCpuMs: () => cpuMs(String(api.pid())), mysqldCpuMs: () => bench.mysqlCpuMs() };
  const rows = await httpLegs(target, options);
  return { rows, breaches: (await verifyLedger(bench.bank.connection)).length };
}
