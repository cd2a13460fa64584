// The processor over a silver of a given size, without gold: catches up with a backlog of changes to random keys.

import { pino } from 'pino';
import { createMetrics } from '../../infra/runtime/metrics.ts';
import type { CommitReport } from '../../lake/store/commit-report.ts';
import { Processor } from '../../stream/processor/processor.ts';
import { percentiles, round, type Percentiles } from '../support/stats.ts';
import { preloadedStore } from '../world/preloaded-store.ts';
import type { WorldSizes } from '../world/sizes.ts';
import { benchConfig, openBenchStore, type StoreInput } from '../world/store.ts';

export interface GrowthInput extends StoreInput {
  readonly sizes: WorldSizes;
  readonly lastSeq: number;
}

export interface GrowthRun {
  readonly silverRows: number;
  readonly preloadSeconds: number;
  readonly seconds: number;
  readonly eventsPerSecond: number;
  readonly cpuSeconds: number;
  readonly commits: number;
  readonly commitMs: Percentiles;
  readonly folds: number;
  readonly checkpoints: number;
  readonly rssMaxMb: number;
}

async function measure(input: GrowthInput): Promise<GrowthRun> {
  const config = benchConfig(input);
  const log = pino({ level: 'warn' }, pino.destination(2));
  const began = performance.now();
  await preloadedStore(config, input.sizes, log);
  await using store = await openBenchStore(config);
  const preloadSeconds = (performance.now() - began) / 1_000;
  const commits: CommitReport[] = [];
  const processor = await Processor.open({
    ...{ config, store, log, metrics: createMetrics() },
    onCommit: (report) => commits.push(report),
  });
  const stop = new AbortController();
  const started = performance.now();
  const cpuBefore = process.cpuUsage();
  const running = processor.run(stop.signal);
  running.catch(() => stop.abort());
  while ((processor.lastCommit?.seq ?? 0) < input.lastSeq && !stop.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
  const seconds = (performance.now() - started) / 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  stop.abort();
  await running;
  const { folds, checkpoints } = processor.housekeeping.counters;
  const applied = commits.reduce((sum, report) => sum + report.applied, 0);
  return {
    silverRows: Object.values<number>({ ...input.sizes }).reduce((sum, rows) => sum + rows, 0),
    ...{ preloadSeconds: round(preloadSeconds), seconds: round(seconds, 2), eventsPerSecond: round(applied / seconds) },
    ...{ cpuSeconds: round((cpu.user + cpu.system) / 1e6, 1), commits: commits.length },
    commitMs: percentiles(commits.map(({ durationMs }) => durationMs)),
    ...{ folds, checkpoints, rssMaxMb: Math.round(process.resourceUsage().maxRSS / 1_024) },
  };
}

console.log(JSON.stringify(await measure(JSON.parse(process.argv[2] ?? '{}') as GrowthInput)));
