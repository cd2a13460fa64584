// The whole product in a temporary home for a benchmark, with what its client programs need to reach it.

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Login } from '../../infra/native/run-file.ts';
import { startPipeline, type TestPipeline } from '../../test/support/pipeline.ts';
import { round } from './stats.ts';

export interface RealStack extends AsyncDisposable {
  readonly pipeline: TestPipeline;
  readonly mysql: Login;
  readonly wire: Login;
  /** Greatest resident memory of the processor so far, MB; null where the system does not tell. */
  processorRssMaxMb(): Promise<number | null>;
  /** Sums and counts of the processor's timers so far, from /metrics. */
  timers(): Promise<Readonly<Record<'commit' | 'gold' | 'wire', { readonly count: number; readonly seconds: number }>>>;
  /** The end of the processor's log. */
  processorLog(): string;
}

const LOG_CHARACTERS = 3_000;

/** `ledgerflow up` with these settings over the defaults; returns when it streams. */
export async function startRealStack(settings: Readonly<Record<string, string>>): Promise<RealStack> {
  const pipeline = await startPipeline(settings);
  const run = JSON.parse(await readFile(path.join(pipeline.home, 'run.json'), 'utf8')) as {
    endpoints: { mysql: Login; wire: Login; metrics: { url: string } };
  };
  return {
    pipeline,
    mysql: run.endpoints.mysql,
    wire: run.endpoints.wire,
    processorRssMaxMb: async () => peakRssMb(await pipeline.pidOf('processor')),
    timers: async () => readTimers(await (await fetch(new URL('/metrics', run.endpoints.metrics.url))).text()),
    processorLog: () => readFileSync(path.join(pipeline.home, 'logs', 'processor.log'), 'utf8').slice(-LOG_CHARACTERS),
    [Symbol.asyncDispose]: () => pipeline[Symbol.asyncDispose](),
  };
}

/** Linux keeps the peak itself. */
function peakRssMb(pid: number): number | null {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found === null ? null : round(Number(found[1]) / 1_024);
  } catch {
    return null; // no /proc here
  }
}

function readTimers(text: string): Awaited<ReturnType<RealStack['timers']>> {
  const timer = (name: string): { count: number; seconds: number } => {
    const value = (suffix: string): number =>
      Number(new RegExp(`^ledgerflow_${name}_duration_seconds_${suffix} (\\S+)`, 'm').exec(text)?.[1] ?? 0);
    return { count: value('count'), seconds: value('sum') };
  };
  return { commit: timer('commit'), gold: timer('gold_refresh'), wire: timer('wire_query') };
}
