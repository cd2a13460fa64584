// The replay of the benchmark: bronze through intake, cut, planner and committer into an empty store, then gold.

import { pino } from 'pino';
import { ReplayRun } from '../../stream/replay/replay-run.ts';
import { openBenchStore, benchConfig, type StoreInput } from '../world/store.ts';
import type { BronzeWorld } from '../world/bronze.ts';
import { TOPIC_PREFIX } from '../world/produce.ts';

export interface ReplayInput extends StoreInput {
  readonly bronze: BronzeWorld;
}

export interface ReplayResult {
  readonly silverSeconds: number;
  readonly goldSeconds: number;
  readonly cpuSeconds: number;
  readonly versions: number;
  readonly rssMaxMb: number;
}

const input = JSON.parse(process.argv[2] ?? '{}') as ReplayInput;
await using store = await openBenchStore(benchConfig(input));
const run = await ReplayRun.open({
  ...{ store, feed: input.bronze, database: 'bank', topicPrefix: TOPIC_PREFIX, excludeTables: [], rereads: [] },
  onProgress: () => undefined,
  log: pino({ level: 'warn' }, pino.destination(2)),
});
const started = performance.now();
const cpu = process.cpuUsage();
await run.run(new AbortController().signal);
const silverSeconds = (performance.now() - started) / 1_000;
await run.gold();
const goldSeconds = (performance.now() - started) / 1_000 - silverSeconds;
const { user, system } = process.cpuUsage(cpu);
const counted = await store.folder.runAndReadAll('SELECT sum(applied) FROM ops.commits');
const versions = Number(counted.getRows()[0]?.[0]);
const result: ReplayResult = {
  silverSeconds,
  goldSeconds,
  cpuSeconds: (user + system) / 1e6,
  versions,
  rssMaxMb: process.resourceUsage().maxRSS / 1_024,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
