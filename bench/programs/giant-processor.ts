// The processor before one giant transaction, without gold: what it takes in time and memory, and what readers see meanwhile.

import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import { messageOf } from '../../infra/runtime/errors.ts';
import { createMetrics } from '../../infra/runtime/metrics.ts';
import type { CommitReport } from '../../lake/store/commit-report.ts';
import { Processor } from '../../stream/processor/processor.ts';
import { round } from '../support/stats.ts';
import { preloadedStore } from '../world/preloaded-store.ts';
import { benchConfig, openBenchStore, type StoreInput } from '../world/store.ts';

export interface GiantInput extends StoreInput {
  readonly giantSeq: number;
  readonly lastSeq: number;
}

export interface GiantResult {
  readonly seconds: number;
  /** Of the commit that holds the giant transaction. */
  readonly commitSeconds: number;
  readonly commits: number;
  /** Rows applied by that commit. */
  readonly applied: number;
  readonly liveRows: number;
  readonly rssMaxMb: number;
  readonly heapMaxMb: number;
  readonly spilledMaxMb: number;
  readonly duckdbSpilledMaxMb: number;
  /** Spill files left when it has ended. */
  readonly filesLeft: number;
  /** Different numbers of live rows that a reader saw on the way. */
  readonly statesSeen: readonly number[];
  /** Questions of the reader that found no memory while the commit had it. */
  readonly readersRefused: number;
}

const SIZES = { ledgerEntries: 100, transactions: 100, accounts: 100, customers: 100, merchants: 100 };
const WATCH_MS = 100;
const LIVE = 'SELECT (SELECT count(*) FROM silver.customers) + (SELECT count(*) FROM silver.merchants)';

async function measure(input: GiantInput): Promise<GiantResult> {
  const config = benchConfig(input);
  const log = pino({ level: 'warn' }, pino.destination(2));
  await preloadedStore(config, SIZES, log);
  await using store = await openBenchStore(config);
  const commits: CommitReport[] = [];
  const processor = await Processor.open({
    ...{ config, store, log, metrics: createMetrics() },
    onCommit: (report) => commits.push(report),
  });
  const reader = await store.connect();
  const stop = new AbortController();
  const started = performance.now();
  const running = processor.run(stop.signal);
  running.catch(() => stop.abort());
  const [staged, temporary] = [path.join(config.home, 'store', 'staged'), path.join(config.home, 'store', 'spill')];
  const most = { heap: 0, staged: 0, temporary: 0 };
  const states = new Set<number>();
  let readersRefused = 0;
  while ((processor.lastCommit?.seq ?? 0) < input.lastSeq && !stop.signal.aborted) {
    most.heap = Math.max(most.heap, process.memoryUsage().heapUsed);
    most.staged = Math.max(most.staged, bytesIn(staged));
    most.temporary = Math.max(most.temporary, bytesIn(temporary));
    const seen = await reader.runAndReadAll(LIVE).catch((error: unknown) => {
      if (!/Out of Memory/.test(messageOf(error))) throw error;
      readersRefused += 1;
      return null;
    });
    if (seen !== null) states.add(Number(seen.getRows()[0]?.[0]));
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
  }
  if (stop.signal.aborted) await running; // throws why
  const seconds = (performance.now() - started) / 1_000;
  const liveRows = Number((await reader.runAndReadAll(LIVE)).getRows()[0]?.[0]);
  stop.abort();
  await running;
  reader.closeSync();
  const giant = commits.reduce((largest, commit) => (commit.applied > largest.applied ? commit : largest));
  return {
    ...{
      seconds: round(seconds),
      commitSeconds: round(giant.durationMs / 1_000),
      commits: commits.length,
      applied: giant.applied,
      liveRows,
    },
    ...{ rssMaxMb: Math.round(process.resourceUsage().maxRSS / 1_024), heapMaxMb: Math.round(most.heap / 2 ** 20) },
    ...{ readersRefused, spilledMaxMb: Math.round(most.staged / 2 ** 20), duckdbSpilledMaxMb: Math.round(most.temporary / 2 ** 20) },
    ...{ filesLeft: filesIn(staged).length, statesSeen: [...states, liveRows].filter((rows, i, all) => all.indexOf(rows) === i) },
  };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not made yet, or gone
  }
}

function bytesIn(folder: string): number {
  return filesIn(folder).reduce((sum, name) => sum + (statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

console.log(JSON.stringify(await measure(JSON.parse(process.argv[2] ?? '{}') as GiantInput)));
