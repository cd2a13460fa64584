// Fraud: movements evaluated live by all rules and features behind a history, and the same rules over history again. How late an alert is on
// the whole product: fraud-latency.ts.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FraudInput, FraudResult } from '../programs/fraud-run.ts';
import { runChild } from '../support/child.ts';
import type { BenchOptions } from '../support/options.ts';

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
export interface FraudFigures {
  readonly live: FraudResult['live'];
  readonly backtest: readonly (FraudResult['backtest'] & { readonly history: number; readonly peakRssMiB: number })[];
}

export async function fraud(options: BenchOptions): Promise<FraudFigures> {
  const histories = options.quick ? [HISTORY_QUICK] : [options.events ?? HISTORY, ...(options.full ? [HISTORY_FULL] : [])];
  const results: [number, FraudResult][] = [];
  for (const history of histories) results.push([history, await throughput(history, options)]);
  return {
    live: results.flatMap(([, { live }]) => live),
    backtest: results.map(([history, { backtest, peakRssMiB }]) => ({ history, ...backtest, peakRssMiB })),
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
