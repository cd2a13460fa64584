// Soak: the whole product under a steady load with a kill every few minutes, of the processor, every third time of Connect. At the end
// the oracle of the fault tests compares MySQL, bronze, silver and gold row by row.

import { readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { violations } from '../../test/support/oracle.ts';
import { waitFor } from '../../test/support/pipeline.ts';
import type { LoadInput, LoadResult } from '../programs/freshness-load.ts';
import { runChild } from '../support/child.ts';
import type { BenchOptions } from '../support/options.ts';
import { startRealStack, type RealStack } from '../support/real-stack.ts';
import { round } from '../support/stats.ts';

const MINUTES = 30;
const MINUTES_QUICK = 5;
const CHANGES_PER_SECOND = 2_000;
const KILL_EVERY_MS = 180_000;
/** Short runs are killed as often as long ones. */
const KILLS_MIN = 4;
const CONNECT_EVERY = 3;
const SAMPLE_MS = 5_000;
const RESTART_DEADLINE_MS = 120_000;
const CAUGHT_UP_MS = 600_000;

export interface SoakResult {
  readonly minutes: number;
  readonly changesPerSecond: number;
  readonly kills: number;
  readonly rssMaxMb: number;
  /** Growth over the run by least squares, the processor's restarts included. */
  readonly rssSlopeMbPerHour: number;
  readonly walMaxMb: number;
  readonly storeFilesMax: number;
  readonly lakeFilesMax: number;
  readonly lakeFilesAtEnd: number;
  readonly openFilesMax: number;
  readonly parked: number | null;
  readonly lost: number;
  readonly doubled: number;
  readonly violations: readonly string[];
}

interface Sample {
  readonly atMs: number;
  readonly rssMb: number;
  readonly walMb: number;
  readonly storeFiles: number;
  readonly lakeFiles: number;
  readonly openFiles: number;
}

export async function soak(options: BenchOptions): Promise<SoakResult> {
  const minutes = options.minutes ?? (options.quick ? MINUTES_QUICK : MINUTES);
  await using stack = await startRealStack({
    LEDGERFLOW_WIRE_ROWS_MAX: '50000000',
    LEDGERFLOW_WIRE_STATEMENT_TIMEOUT_MS: '300000',
    ...options.settings,
  });
  options.tell('the stack streams');
  const load: LoadInput = { mysql: stack.mysql, changesPerSecond: CHANGES_PER_SECOND, seconds: minutes * 60 };
  const samples: Sample[] = [];
  let running = true;
  const loading = runChild<LoadResult>('freshness-load.ts', load).finally(() => (running = false));
  loading.catch(() => undefined); // awaited below
  const watching = watch(stack, samples, () => running);
  const kills = await killNowAndThen(stack, {
    everyMs: Math.min(KILL_EVERY_MS, (minutes * 60_000) / (KILLS_MIN + 1)),
    running: () => running,
    tell: options.tell,
  });
  const loaded = await loading;
  await watching;
  await stack.pipeline.caughtUp(CAUGHT_UP_MS);
  const found = await violations(stack.pipeline);
  const most = (pick: (sample: Sample) => number): number => round(Math.max(...samples.map(pick)));
  const count = (pattern: RegExp): number => found.filter((line) => pattern.test(line)).length;
  return {
    ...{ minutes, changesPerSecond: loaded.changesPerSecond, kills },
    ...{ rssMaxMb: most(({ rssMb }) => rssMb), rssSlopeMbPerHour: round(slope(samples) * 3_600_000), walMaxMb: most(({ walMb }) => walMb) },
    ...{ storeFilesMax: most(({ storeFiles }) => storeFiles), lakeFilesMax: most(({ lakeFiles }) => lakeFiles) },
    ...{ lakeFilesAtEnd: samples.at(-1)?.lakeFiles ?? 0, openFilesMax: most(({ openFiles }) => openFiles) },
    ...{
      parked: (await stack.pipeline.status()).parked,
      lost: count(/missing|not contiguous/),
      doubled: count(/too much/),
      violations: found,
    },
  };
}

async function killNowAndThen(
  { pipeline }: RealStack,
  { everyMs, running, tell }: { everyMs: number; running: () => boolean; tell: (text: string) => void },
): Promise<number> {
  let kills = 0;
  for (let next = Date.now() + everyMs; running();) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (Date.now() < next || !running()) continue;
    const part = (kills + 1) % CONNECT_EVERY === 0 ? 'connect' : 'processor';
    const pid = await pipeline.pidOf(part);
    process.kill(pid, 'SIGKILL');
    kills += 1;
    tell(`killed the ${part}`);
    await waitFor(`${part} to be started again`, RESTART_DEADLINE_MS, async () => (await pipeline.pidOf(part)) !== pid);
    next = Date.now() + everyMs;
  }
  return kills;
}

async function watch({ pipeline }: RealStack, samples: Sample[], running: () => boolean): Promise<void> {
  const { home } = pipeline;
  while (running()) {
    const pid = await pipeline.pidOf('processor').catch(() => 0);
    const rss = /VmRSS:\s+(\d+) kB/.exec(readOrEmpty(`/proc/${pid}/status`));
    if (rss !== null)
      samples.push({
        ...{ atMs: Date.now(), rssMb: Number(rss[1]) / 1_024, walMb: await sizeMb(path.join(home, 'store', 'ledgerflow.duckdb.wal')) },
        ...{ storeFiles: await filesBelow(path.join(home, 'store')), lakeFiles: await filesBelow(path.join(home, 'lake')) },
        openFiles: (await readdir(`/proc/${pid}/fd`).catch(() => [])).length,
      });
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
  }
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // between two lives of the processor
  }
}

async function sizeMb(file: string): Promise<number> {
  return ((await stat(file).catch(() => null))?.size ?? 0) / 2 ** 20;
}

async function filesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).length;
}

/** Least squares, MB per ms. */
function slope(samples: readonly Sample[]): number {
  const mean = (pick: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + pick(sample), 0) / Math.max(1, samples.length);
  const [t, r] = [mean(({ atMs }) => atMs), mean(({ rssMb }) => rssMb)];
  const over = samples.reduce((sum, { atMs, rssMb }) => sum + (atMs - t) * (rssMb - r), 0);
  return (
    over /
    Math.max(
      1,
      samples.reduce((sum, { atMs }) => sum + (atMs - t) ** 2, 0),
    )
  );
}
