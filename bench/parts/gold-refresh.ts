// Gold alone, without Kafka and MySQL: refreshes for 1, 100 and 2,000 changed transactions, turns, settling, a rebuild of every mart and
// every check over everything, at a given number of transactions in silver; what of it costs most, by model and by check.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino, type Logger } from 'pino';
import { loadChecks } from '../../lake/checks/check.ts';
import type { FixtureStore } from '../../lake/gold/testkit-store.ts';
import { GoldRefresher } from '../../lake/gold/refresh.ts';
import { resolveRelations } from '../../lake/gold/relations.ts';
import { GoldTurns } from '../../lake/gold/turn.ts';
import type { BenchOptions } from '../support/options.ts';
import { percentiles, round } from '../support/stats.ts';
import { goldStore, insertNew, postPending } from '../world/gold-store.ts';

const TRANSACTIONS = 1_000_000;
const TRANSACTIONS_QUICK = 200_000;
const TRANSACTIONS_FULL = 10_000_000;
const CHANGED_SMALL = 20;
const CHANGED_LARGE = 2_000;
const CHANGED = [1, 100, CHANGED_LARGE];
const ROUNDS = 60;
const ROUNDS_QUICK = 20;
const ROUNDS_PENDING = 20;
/** The first fifth of the rounds warms kept plans up. */
const WARM_UP = 5;
const SLOWEST_SHOWN = 8;
const TOLD = new Map(['transactions', 'ledger_entries', 'accounts'].map((table) => [table, null]));

interface Timing {
  readonly kind: string;
  readonly changed: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Processor time of a refresh, in the middle. */
  readonly cpuMs: number;
}

interface Named {
  readonly name: string;
  readonly ms: number;
}

/** `--events N` is the number of transactions in the store; `--full` measures at 1 M and at 10 M. */
export async function gold(options: BenchOptions): Promise<object> {
  const usual = options.quick ? TRANSACTIONS_QUICK : TRANSACTIONS;
  const sizes = options.events !== undefined ? [options.events] : options.full ? [TRANSACTIONS, TRANSACTIONS_FULL] : [usual];
  const results: Record<string, object> = {};
  for (const transactions of sizes) results[`at${transactions}`] = await measureAt(transactions, options);
  return results;
}

async function measureAt(transactions: number, { quick, tell }: BenchOptions): Promise<object> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ledgerflow-bench-'));
  try {
    tell(`filling a store with ${transactions} transactions`);
    await using store = await goldStore(path.join(folder, 'bench.duckdb'), transactions);
    const built: Named[] = [];
    await using refresher = await GoldRefresher.open({ gold: await store.instance.connect() }, listening(built));
    const beforeFirst = process.cpuUsage();
    const first = await refresher.refresh({ commitId: 1, gtid: null, phase: 'streaming' });
    const fillCpuMs = round(cpuMs(beforeFirst));
    if (first.status !== 'refreshed') throw new Error(`the first fill was ${first.status}: ${first.failures.map(told).join()}`);
    await store.writer.run('CHECKPOINT');
    tell(`filled gold in ${round(first.durationMs)} ms, ${fillCpuMs} ms of CPU; refreshing`);
    const { timings, next } = await refreshes(refresher, store, { rounds: quick ? ROUNDS_QUICK : ROUNDS, next: transactions + 1 });
    const settled = await refresher.settle();
    tell(`${timings.map(({ kind, changed, p50Ms, cpuMs }) => `${changed} ${kind} ${p50Ms} ms, ${cpuMs} of CPU`).join('; ')}; turns`);
    const turned = await turns(refresher, store, next);
    tell(`${JSON.stringify(turned)}; every check over everything, one by one; a rebuild of everything`);
    const checks = await checksAlone(store);
    const verified = await refresher.verify();
    built.length = 0;
    const before = process.cpuUsage();
    const rebuilt = await refresher.rebuild();
    const rebuildCpuMs = cpuMs(before);
    return {
      fillMs: round(first.durationMs),
      fillCpuMs,
      rebuildMs: round(rebuilt.durationMs),
      rebuildCpuMs: round(rebuildCpuMs),
      settleMs: round(settled.durationMs),
      allChecksMs: round(verified.durationMs),
      ...turned,
      peakMemoryMb: round(process.resourceUsage().maxRSS / 1_024),
      refreshes: timings,
      slowestBuilt: slowest(built),
      slowestChecks: slowest(checks),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const told = ({ check, observed }: { check: { name: string }; observed: string }): string => `${check.name} ${observed}`;
const cpuMs = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};
const slowest = (all: readonly Named[]): Named[] => [...all].sort((a, b) => b.ms - a.ms).slice(0, SLOWEST_SHOWN);

/** Notes what the refresher says of each model it builds. */
function listening(built: Named[]): Logger {
  const write = (line: string): void => {
    const { model, ms } = JSON.parse(line) as { model?: string; ms?: number };
    if (model !== undefined && ms !== undefined) built.push({ name: model, ms });
  };
  return pino({ level: 'info' }, { write });
}

async function refreshes(
  refresher: GoldRefresher,
  store: FixtureStore,
  from: { readonly rounds: number; readonly next: number },
): Promise<{ timings: Timing[]; next: number }> {
  const timings: Timing[] = [];
  let { next } = from;
  for (const changed of CHANGED) {
    const insert = async (): Promise<void> => {
      await insertNew(store, next, changed);
      next += changed;
    };
    timings.push({ kind: 'new transactions', changed, ...(await measure(refresher, store, from.rounds, insert)) });
    const post = (round: number): Promise<void> => postPending(store, round * 7_919 + changed, changed);
    timings.push({
      kind: 'old pending posted',
      changed,
      ...(await measure(refresher, store, Math.min(from.rounds, ROUNDS_PENDING), post)),
    });
  }
  return { timings, next };
}

async function measure(
  refresher: GoldRefresher,
  store: FixtureStore,
  rounds: number,
  change: (round: number) => Promise<void>,
): Promise<Pick<Timing, 'p50Ms' | 'p95Ms' | 'cpuMs'>> {
  const times: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await change(round);
    const before = process.cpuUsage();
    const outcome = await refresher.refresh({ commitId: store.commitId, gtid: null, phase: 'streaming', told: TOLD });
    if (outcome.status !== 'refreshed' || outcome.rebuilt.length > 0)
      throw new Error(`refresh was ${outcome.status}: ${outcome.failures.map(told).join()}`);
    if (round < rounds / WARM_UP) continue;
    times.push(outcome.durationMs);
    cpu.push(cpuMs(before));
  }
  const { p50, p95 } = percentiles(times);
  return { p50Ms: p50, p95Ms: p95, cpuMs: percentiles(cpu).p50 };
}

/** Turns after 20 and after 2,000 changed transactions; what each model took of the first. */
async function turns(refresher: GoldRefresher, store: FixtureStore, next: number): Promise<object> {
  await using gold = new GoldTurns(await store.instance.connect(), refresher.models, pino({ level: 'warn' }));
  const after = async (from: number, changed: number): Promise<object> => {
    await insertNew(store, from, changed);
    await refresher.refresh({ commitId: store.commitId, gtid: null, phase: 'streaming', told: TOLD });
    const before = process.cpuUsage();
    const turn = await gold.turn();
    return { changed, ms: round(turn?.durationMs ?? 0), cpuMs: round(cpuMs(before)) };
  };
  await gold.turn();
  const small = await after(next, CHANGED_SMALL);
  const found = await store.writer.runAndReadAll('SELECT model, duration_ms::INTEGER FROM ops.gold_turns');
  const slowestTurned = slowest(found.getRows().map(([name, ms]) => ({ name: String(name), ms: Number(ms) })));
  return { turns: [small, await after(next + CHANGED_SMALL, CHANGED_LARGE)], slowestTurned };
}

/** The full form of each check, asked alone. */
async function checksAlone(store: FixtureStore): Promise<Named[]> {
  const times: Named[] = [];
  for (const { name, fullSql } of loadChecks()) {
    const asked = performance.now();
    await store.writer.run(`SELECT count(*) FROM (${resolveRelations(fullSql)})`);
    times.push({ name, ms: round(performance.now() - asked) });
  }
  return times;
}
