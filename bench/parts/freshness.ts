// Freshness: MySQL commit to visible through the PostgreSQL endpoint, in silver and in gold, with everything on this machine.

import type { LoadInput, LoadResult } from '../programs/freshness-load.ts';
import type { ProbeInput, ProbeResult } from '../programs/freshness-probe.ts';
import { runChild } from '../support/child.ts';
import type { BenchOptions } from '../support/options.ts';
import { startRealStack, type RealStack } from '../support/real-stack.ts';
import { percentiles, round } from '../support/stats.ts';

const RATES = [200, 2_000];
const SECONDS = 45;
const SECONDS_QUICK = 15;
const WARM_UP_SECONDS = 8;

export interface FreshnessRow {
  readonly changesPerSecond: number;
  readonly layer: 'silver' | 'gold';
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly probes: number;
  readonly lost: number;
  readonly pollMs: number;
  readonly commitsPerSecond: number;
  readonly commitMs: number;
  readonly goldMs: number;
}

export interface FreshnessResult {
  readonly rows: FreshnessRow[];
  readonly processorRssMaxMb: number | null;
}

/** One run per rate on one stack, which is gone afterwards. */
export async function freshness(options: BenchOptions): Promise<FreshnessResult> {
  await using stack = await startRealStack(options.settings);
  options.tell('the stack streams');
  const rows: FreshnessRow[] = [];
  for (const rate of RATES) {
    const measured = await atRate(stack, rate, options.quick ? SECONDS_QUICK : SECONDS).catch((error: unknown) => {
      throw new Error(`the run at ${rate} changes/s failed; the processor's log ends with\n${stack.processorLog()}`, { cause: error });
    });
    rows.push(...measured);
    for (const row of rows.slice(-2))
      options.tell(`${row.changesPerSecond}/s ${row.layer}: p50 ${row.p50}, p99 ${row.p99}, max ${row.max} ms`);
  }
  return { rows, processorRssMaxMb: await stack.processorRssMaxMb() };
}

async function atRate(stack: RealStack, changesPerSecond: number, seconds: number): Promise<FreshnessRow[]> {
  const { mysql, wire } = stack;
  const load: LoadInput = { mysql, changesPerSecond, seconds: seconds + WARM_UP_SECONDS };
  const probe: ProbeInput = { mysql, wire, seconds: seconds + WARM_UP_SECONDS, warmUpSeconds: WARM_UP_SECONDS };
  const before = await stack.timers();
  const [loaded, probed] = await Promise.all([
    runChild<LoadResult>('freshness-load.ts', load),
    runChild<ProbeResult>('freshness-probe.ts', probe),
  ]);
  const after = await stack.timers();
  const commits = after.commit.count - before.commit.count;
  const meanMs = (name: 'commit' | 'gold'): number =>
    round((1_000 * (after[name].seconds - before[name].seconds)) / Math.max(1, after[name].count - before[name].count), 1);
  const row = (layer: 'silver' | 'gold', latencies: readonly number[]): FreshnessRow => ({
    ...{ changesPerSecond: loaded.changesPerSecond, layer, ...percentiles(latencies) },
    ...{ probes: latencies.length, lost: probed.lost, pollMs: round(probed.pollMs, 1) },
    ...{ commitsPerSecond: round(commits / (seconds + WARM_UP_SECONDS)), commitMs: meanMs('commit'), goldMs: meanMs('gold') },
  });
  return [row('silver', probed.silverMs), row('gold', probed.goldMs)];
}
