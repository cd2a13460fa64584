// Fraud: movements evaluated live by all rules and features behind a history, the same rules over history again, and the time from MySQL's
// answer to the alert on its topic while other movements come at a given rate.

import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunFile } from '../../infra/native/run-file.ts';
import type { LatencyInput, LatencyResult } from '../programs/fraud-latency.ts';
import type { FraudInput, FraudResult } from '../programs/fraud-run.ts';
import type { LoadInput, LoadResult } from '../programs/freshness-load.ts';
import { runChild } from '../support/child.ts';
import type { BenchOptions } from '../support/options.ts';
import { startRealStack } from '../support/real-stack.ts';
import { percentiles, type Percentiles } from '../support/stats.ts';

const HISTORY = 1_000_000;
const HISTORY_QUICK = 200_000;
const HISTORY_FULL = 10_000_000;
const BATCHES = [
  [10, 10],
  [100, 10],
  [2_000, 5],
  [20_000, 3],
] as const;
const BACKTEST_DAYS = 20;
/** Movements a second beside the probes; each is four changes of the binlog. */
const RATES = [50, 1_000];
const SECONDS = 45;
const SECONDS_QUICK = 20;
const WARM_UP_SECONDS = 8;

export interface AlertLatency extends Percentiles {
  readonly movementsPerSecond: number;
  readonly probes: number;
  readonly lost: number;
}

export interface FraudFigures {
  readonly live: FraudResult['live'];
  readonly backtest: readonly (FraudResult['backtest'] & { readonly history: number; readonly peakRssMiB: number })[];
  /** Milliseconds. */
  readonly latency: readonly AlertLatency[];
}

export async function fraud(options: BenchOptions): Promise<FraudFigures> {
  const histories = options.quick ? [HISTORY_QUICK] : [options.events ?? HISTORY, ...(options.full ? [HISTORY_FULL] : [])];
  const results: [number, FraudResult][] = [];
  for (const history of histories) results.push([history, await throughput(history, options)]);
  return {
    live: results.flatMap(([, { live }]) => live),
    backtest: results.map(([history, { backtest, peakRssMiB }]) => ({ history, ...backtest, peakRssMiB })),
    latency: await latencies(options),
  };
}

async function throughput(history: number, { nodeFlags, tell }: BenchOptions): Promise<FraudResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lf-bench-fraud-'));
  try {
    const input: FraudInput = { folder, history, batches: BATCHES, backtestDays: BACKTEST_DAYS };
    const result = await runChild<FraudResult>('fraud-run.ts', input, nodeFlags);
    for (const { movements, cpuMs, perCpuSecond } of result.live)
      tell(`${movements} movements behind ${history}: ${cpuMs} ms CPU a run, ${perCpuSecond} a CPU second`);
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function latencies(options: BenchOptions): Promise<AlertLatency[]> {
  await using stack = await startRealStack(options.settings);
  options.tell('the stack streams');
  const { endpoints } = JSON.parse(await readFile(path.join(stack.pipeline.home, 'run.json'), 'utf8')) as RunFile;
  const seconds = (options.quick ? SECONDS_QUICK : SECONDS) + WARM_UP_SECONDS;
  const rows: AlertLatency[] = [];
  for (const rate of RATES) {
    const load: LoadInput = { mysql: stack.mysql, changesPerSecond: rate * 4, seconds };
    const probe: LatencyInput = { mysql: stack.mysql, brokers: endpoints.kafka?.brokers ?? '', seconds, warmUpSeconds: WARM_UP_SECONDS };
    const [loaded, probed] = await Promise.all([
      runChild<LoadResult>('freshness-load.ts', load),
      runChild<LatencyResult>('fraud-latency.ts', probe),
    ]);
    const row = { movementsPerSecond: Math.round(loaded.inserts / loaded.seconds), ...percentiles(probed.latenciesMs) };
    rows.push({ ...row, probes: probed.probes, lost: probed.lost });
    options.tell(
      `alerts at ${row.movementsPerSecond} movements/s: p50 ${row.p50}, p95 ${row.p95} ms, ${probed.lost} of ${probed.probes} lost`,
    );
  }
  return rows;
}
