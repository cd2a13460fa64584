// Freshness: MySQL commit to visible through the PostgreSQL endpoint, in silver and in gold, with everything on this machine;
// where the time goes on the way; and the same while four readers aggregate gold.

import type { LoadInput, LoadResult } from '../programs/freshness-load.ts';
import type { ProbeInput, ProbeResult, ProbeTimes } from '../programs/freshness-probe.ts';
import type { ReadersInput, ReadersResult } from '../programs/freshness-readers.ts';
import { runChild } from '../support/child.ts';
import type { BenchOptions } from '../support/options.ts';
import { startRealStack, type RealStack } from '../support/real-stack.ts';
import { percentiles, round } from '../support/stats.ts';

interface Run {
  readonly rate: number;
  readonly readers: number;
}

const RUNS: readonly Run[] = [
  { rate: 200, readers: 0 },
  { rate: 2_000, readers: 0 },
  { rate: 200, readers: 4 },
];
const SECONDS = 45;
const SECONDS_QUICK = 15;
const WARM_UP_SECONDS = 8;

export interface FreshnessRow {
  readonly changesPerSecond: number;
  readonly readers: number;
  readonly layer: 'silver' | 'gold';
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly probes: number;
  readonly lost: number;
}

/** Milliseconds of one step of the way. */
export interface StageRow {
  readonly changesPerSecond: number;
  readonly readers: number;
  readonly stage: string;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** What the processor did meanwhile. */
export interface WorkRow {
  readonly changesPerSecond: number;
  readonly readers: number;
  readonly commitsPerSecond: number;
  readonly commitMs: number;
  readonly goldMs: number;
  readonly pollMs: number;
  readonly readerQueriesPerSecond: number;
  readonly readerMs: number;
}

export interface FreshnessResult {
  readonly rows: FreshnessRow[];
  readonly stages: StageRow[];
  readonly work: WorkRow[];
  readonly processorRssMaxMb: number | null;
}

/** One run after the other on one stack, which is gone afterwards. */
export async function freshness(options: BenchOptions): Promise<FreshnessResult> {
  await using stack = await startRealStack(options.settings);
  options.tell('the stack streams');
  const result = { rows: [] as FreshnessRow[], stages: [] as StageRow[], work: [] as WorkRow[] };
  for (const run of RUNS) {
    const measured = await measure(stack, run, options.quick ? SECONDS_QUICK : SECONDS).catch((error: unknown) => {
      throw new Error(`the run at ${run.rate} changes/s failed; the processor's log ends with\n${stack.processorLog()}`, { cause: error });
    });
    result.rows.push(...measured.rows);
    result.stages.push(...measured.stages);
    result.work.push(measured.work);
    for (const row of measured.rows)
      options.tell(`${row.changesPerSecond}/s, ${row.readers} readers, ${row.layer}: p50 ${row.p50}, p99 ${row.p99}, max ${row.max} ms`);
  }
  return { ...result, processorRssMaxMb: await stack.processorRssMaxMb() };
}

interface Measured {
  readonly rows: FreshnessRow[];
  readonly stages: StageRow[];
  readonly work: WorkRow;
}

async function measure(stack: RealStack, run: Run, measuredSeconds: number): Promise<Measured> {
  const { mysql, wire } = stack;
  const seconds = measuredSeconds + WARM_UP_SECONDS;
  const load: LoadInput = { mysql, changesPerSecond: run.rate, seconds };
  const probe: ProbeInput = { mysql, wire, seconds, warmUpSeconds: WARM_UP_SECONDS };
  const readers: ReadersInput = { wire, readers: run.readers, seconds };
  const before = await stack.timers();
  const [loaded, probed, read] = await Promise.all([
    runChild<LoadResult>('freshness-load.ts', load),
    runChild<ProbeResult>('freshness-probe.ts', probe),
    run.readers === 0 ? { queries: 0, meanMs: 0 } : runChild<ReadersResult>('freshness-readers.ts', readers),
  ]);
  const after = await stack.timers();
  const meanMs = (name: 'commit' | 'gold'): number =>
    round((1_000 * (after[name].seconds - before[name].seconds)) / Math.max(1, after[name].count - before[name].count), 1);
  const at = { changesPerSecond: loaded.changesPerSecond, readers: run.readers };
  const layer = (name: 'silver' | 'gold'): FreshnessRow => {
    const latencies = probed.probes.map((times) => times[name] - times.answered);
    return { ...at, layer: name, ...percentiles(latencies), probes: latencies.length, lost: probed.lost };
  };
  return {
    rows: [layer('silver'), layer('gold')],
    stages: STAGES.map(([stage, from, to]) => ({ ...at, stage, ...percentiles(probed.probes.map((times) => times[to] - times[from])) })),
    work: {
      ...at,
      commitsPerSecond: round((after.commit.count - before.commit.count) / seconds),
      commitMs: meanMs('commit'),
      goldMs: meanMs('gold'),
      pollMs: round(probed.pollMs, 1),
      readerQueriesPerSecond: round(read.queries / seconds),
      readerMs: round(read.meanMs, 1),
    },
  };
}

/** The way of a row, step by step. MySQL answers its client after it has written the binlog, so the first step may be negative. */
const STAGES: readonly (readonly [string, keyof ProbeTimes, keyof ProbeTimes])[] = [
  ['MySQL answers -> Debezium has the event', 'answered', 'captured'],
  ['-> given to the Kafka producer', 'captured', 'produced'],
  ['-> fetched, cut, staged: the commit begins', 'produced', 'begun'],
  ['-> silver visible', 'begun', 'silver'],
  ['-> gold visible', 'silver', 'gold'],
];
