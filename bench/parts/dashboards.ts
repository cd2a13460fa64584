// Every SQL panel of the Grafana dashboards through the PostgreSQL endpoint, 20 readers at once, while rows stream into the same store.
// A store alone, without Kafka: what is measured is gold, the endpoint and DuckDB.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { pino } from 'pino';
import { expand } from '../../dashboards/grafana/expand.ts';
import { expansionOf, FRAUD_TABLES, QUALITY_TABLES, readDashboards, sqlPanels } from '../../dashboards/grafana/testkit.ts';
import { startWire } from '../../dashboards/wire/server.ts';
import type { BenchOptions } from '../support/options.ts';
import { percentiles, round } from '../support/stats.ts';
import { dashboardStore, ROWS_PER_TRANSACTION, type DashboardStore } from '../world/dashboard-store.ts';

const TRANSACTIONS = 1_000_000;
const TRANSACTIONS_QUICK = 50_000;
const TRANSACTIONS_FULL = 10_000_000;
const READERS = 20;
const SECONDS = 20;
const ROWS_PER_SECOND = 1_000;
const COMMITS_PER_SECOND = 5;
const SLOWEST_SHOWN = 8;
const LOGIN = { user: 'ledgerflow', password: 'bench', database: 'ledgerflow' };

interface Question {
  readonly panel: string;
  readonly sql: string;
}

/** `--events N` is the number of transactions in the store (`--full`: 10 M), `--minutes N` the length. */
export async function dashboards(options: BenchOptions): Promise<object> {
  const transactions = options.events ?? (options.full ? TRANSACTIONS_FULL : options.quick ? TRANSACTIONS_QUICK : TRANSACTIONS);
  const seconds = options.minutes === undefined ? (options.quick ? SECONDS / 4 : SECONDS) : options.minutes * 60;
  const folder = mkdtempSync(path.join(tmpdir(), 'ledgerflow-bench-'));
  try {
    options.tell(`filling a store with ${transactions} transactions`);
    await using world = await dashboardStore(path.join(folder, 'store.duckdb'), transactions);
    await world.store.writer.run(QUALITY_TABLES + FRAUD_TABLES);
    await using wire = await startWire({
      ...LOGIN,
      ...{ host: '127.0.0.1', port: 0, connect: () => world.store.instance.connect(), log: pino({ level: 'silent' }) },
      ...{ statementTimeoutMs: 60_000, minGtidTimeoutMs: 1_000, rowsMax: 1_000_000, concurrencyMax: 8, connectionsMax: READERS + 1 },
    });
    const address = { ...LOGIN, host: '127.0.0.1', port: wire.port };
    const questions = await questionsOf(address, world);
    options.tell(`${READERS} readers ask ${questions.length} panels for ${seconds} s`);
    const times = new Map<string, number[]>(questions.map(({ panel }) => [panel, []]));
    const until = performance.now() + seconds * 1_000;
    const readers = Array.from({ length: READERS }, (_, at) => readUntil(until, { address, questions, first: at, times }));
    const refreshes = await streamUntil(until, world);
    await Promise.all(readers);
    return report(transactions, times, refreshes);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Address = typeof LOGIN & { readonly host: string; readonly port: number };

async function questionsOf(address: Address, { now }: DashboardStore): Promise<Question[]> {
  const client = new pg.Client(address);
  await client.connect();
  const ask = async (sql: string): Promise<Record<string, unknown>[]> => (await client.query<Record<string, unknown>>(sql)).rows;
  const questions: Question[] = [];
  for (const dashboard of readDashboards()) {
    const expansion = await expansionOf(dashboard, now, ask);
    for (const { panel, sql } of sqlPanels([dashboard]))
      questions.push({ panel: `${dashboard.title}: ${panel.title}`, sql: expand(sql, expansion) });
  }
  await client.end();
  return questions;
}

interface ReaderInput {
  readonly address: Address;
  readonly questions: readonly Question[];
  readonly first: number;
  readonly times: ReadonlyMap<string, number[]>;
}

async function readUntil(until: number, { address, questions, first, times }: ReaderInput): Promise<void> {
  const client = new pg.Client(address);
  await client.connect();
  for (let turn = first * 7; performance.now() < until; turn += 1) {
    const question = questions[turn % questions.length];
    if (question === undefined) break;
    const asked = performance.now();
    await client.query(question.sql);
    times.get(question.panel)?.push(performance.now() - asked);
  }
  await client.end();
}

async function streamUntil(until: number, world: DashboardStore): Promise<number[]> {
  const times: number[] = [];
  while (performance.now() < until) {
    const began = performance.now();
    await world.commit(Math.ceil(ROWS_PER_SECOND / COMMITS_PER_SECOND / ROWS_PER_TRANSACTION));
    times.push(performance.now() - began);
    await sleep(Math.max(0, 1_000 / COMMITS_PER_SECOND - (performance.now() - began)));
  }
  return times;
}

function report(transactions: number, times: ReadonlyMap<string, number[]>, commits: readonly number[]): object {
  const all = [...times.values()].flat();
  const panels = [...times].map(([panel, values]) => ({
    panel,
    asked: values.length,
    p50Ms: round(percentiles(values).p50),
    p95Ms: round(percentiles(values).p95),
  }));
  return {
    transactions,
    readers: READERS,
    queries: all.length,
    p50Ms: round(percentiles(all).p50),
    p95Ms: round(percentiles(all).p95),
    commitAndRefreshP50Ms: round(percentiles(commits).p50),
    commitAndRefreshP95Ms: round(percentiles(commits).p95),
    slowest: panels.sort((a, b) => b.p95Ms - a.p95Ms).slice(0, SLOWEST_SHOWN),
  };
}
