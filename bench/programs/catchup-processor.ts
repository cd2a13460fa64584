// The processor of the catch-up benchmark: store, stream and gold wired as cli/processor/processor-run.ts does, until the backlog is in gold.

import { pino } from 'pino';
import { createMetrics } from '../../infra/runtime/metrics.ts';
import type { GoldOutcome } from '../../lake/gold/outcome.ts';
import { GoldRefresher } from '../../lake/gold/refresh.ts';
import type { CommitReport } from '../../lake/store/commit-report.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { GoldLoop } from '../../stream/processor/gold-loop.ts';
import { Processor } from '../../stream/processor/processor.ts';
import { percentiles, round, type Percentiles } from '../support/stats.ts';
import { benchConfig, openBenchStore, type StoreInput } from '../world/store.ts';

export interface ProcessorInput extends StoreInput {
  readonly lastSeq: number;
}

export interface ProcessorResult {
  readonly seconds: number;
  readonly goldLagSeconds: number;
  readonly applied: number;
  readonly bronzeRows: number;
  readonly commits: number;
  readonly commitMs: Percentiles;
  readonly goldRefreshes: number;
  readonly goldMs: Percentiles;
  readonly goldHeld: number;
  readonly folds: number;
  readonly checkpoints: number;
  readonly cpuSeconds: number;
  readonly rssMaxMb: number;
}

interface Observed {
  readonly commits: CommitReport[];
  readonly gold: GoldOutcome[];
}

async function measure(input: ProcessorInput, store: StoreHandle): Promise<ProcessorResult> {
  const config = benchConfig(input);
  const log = pino({ level: 'warn' }, pino.destination(2));
  const observed: Observed = { commits: [], gold: [] };
  const refresher = await GoldRefresher.open({ gold: await store.connect() }, log);
  const started = performance.now();
  const cpuBefore = process.cpuUsage();
  const processor = await Processor.open({
    ...{ config, store, log, metrics: createMetrics() },
    onCommit: (report) => {
      observed.commits.push(report);
      gold.committed(report);
    },
  });
  const reader = await store.connect();
  const gold = new GoldLoop(
    {
      refresher,
      reader,
      phase: () => processor.phase,
      onOutcome: (outcome) => observed.gold.push(outcome),
      onHeartbeat: () => undefined,
      log,
    },
    store.state.commitId,
    store.state.gtid,
  );
  const stop = new AbortController();
  const failed = Promise.all([processor.run(stop.signal), gold.run(stop.signal)]);
  failed.catch(() => stop.abort());
  const committed = await Promise.race([
    failed.then(() => 0),
    reached(() => (processor.lastCommit?.seq ?? 0) >= input.lastSeq, stop.signal),
  ]);
  await gold.settled(processor.lastCommit?.commitId ?? 0, 120_000);
  const seconds = (performance.now() - started) / 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  stop.abort();
  await failed;
  const { folds, checkpoints } = processor.housekeeping.counters;
  return {
    ...summary(observed),
    seconds: round(seconds, 2),
    goldLagSeconds: round((started + seconds * 1_000 - committed) / 1_000, 2),
    folds,
    checkpoints,
    cpuSeconds: round((cpu.user + cpu.system) / 1e6, 1),
  };
}

async function reached(condition: () => boolean, signal: AbortSignal): Promise<number> {
  while (!condition() && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
  return performance.now();
}

function summary({
  commits,
  gold,
}: Observed): Pick<
  ProcessorResult,
  'applied' | 'bronzeRows' | 'commits' | 'commitMs' | 'goldRefreshes' | 'goldMs' | 'goldHeld' | 'rssMaxMb'
> {
  const refreshed = gold.filter(({ status }) => status === 'refreshed');
  return {
    applied: commits.reduce((sum, { applied }) => sum + applied, 0),
    bronzeRows: commits.reduce(
      (sum, report) => sum + report.applied + report.duplicates + report.tombstones + report.control + report.parked,
      0,
    ),
    commits: commits.length,
    commitMs: percentiles(commits.map(({ durationMs }) => durationMs)),
    goldRefreshes: refreshed.length,
    goldMs: percentiles(refreshed.map(({ durationMs }) => durationMs)),
    goldHeld: gold.filter(({ status }) => status === 'held').length,
    rssMaxMb: Math.round(process.resourceUsage().maxRSS / 1_024),
  };
}

const input = JSON.parse(process.argv[2] ?? '{}') as ProcessorInput;
await using store = await openBenchStore(benchConfig(input));
console.log(JSON.stringify(await measure(input, store)));
