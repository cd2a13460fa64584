// How late an alert is on the whole product: from MySQL's answer to the row in gold's alerts and to the message on the topic, while other
// movements come at a given rate; and how long the runs of the fraud job took meanwhile.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunFile } from '../../infra/native/run-file.ts';
import type { LatencyInput, LatencyResult } from '../programs/fraud-latency.ts';
import type { LoadInput, LoadResult } from '../programs/freshness-load.ts';
import { runChild } from '../support/child.ts';
import type { BenchOptions } from '../support/options.ts';
import { startRealStack } from '../support/real-stack.ts';
import { percentiles, round } from '../support/stats.ts';

/** Movements a second beside the probes; each is four changes of the binlog. */
const RATES = [50, 1_000];
const RATES_QUICK = [50];
const SECONDS = 45;
const SECONDS_QUICK = 30;
const WARM_UP_SECONDS = 8;

export interface AlertLatency {
  readonly movementsPerSecond: number;
  /** Milliseconds until the row is in gold.fraud_alerts, and until the message is on the topic. */
  readonly goldP50: number;
  readonly goldP95: number;
  readonly topicP50: number;
  readonly topicP95: number;
  readonly probes: number;
  readonly lost: number;
  /** Runs of the fraud job, and how long half of them took at most. */
  readonly runs: number;
  readonly runMs: number;
}

export async function fraudLatency(options: BenchOptions): Promise<{ readonly latency: readonly AlertLatency[] }> {
  await using stack = await startRealStack(options.settings);
  options.tell('the stack streams');
  const { endpoints } = JSON.parse(await readFile(path.join(stack.pipeline.home, 'run.json'), 'utf8')) as RunFile;
  const seconds = (options.quick ? SECONDS_QUICK : SECONDS) + WARM_UP_SECONDS;
  const latency: AlertLatency[] = [];
  for (const rate of options.quick ? RATES_QUICK : RATES) {
    const load: LoadInput = { mysql: stack.mysql, changesPerSecond: rate * 4, seconds };
    const probe: LatencyInput = {
      ...{ mysql: stack.mysql, wire: stack.wire, brokers: endpoints.kafka?.brokers ?? '' },
      ...{ seconds, warmUpSeconds: WARM_UP_SECONDS },
    };
    const [loaded, probed] = await Promise.all([
      runChild<LoadResult>('freshness-load.ts', load),
      runChild<LatencyResult>('fraud-latency.ts', probe),
    ]);
    const [gold, topic] = [percentiles(probed.goldMs), percentiles(probed.topicMs)];
    const row: AlertLatency = {
      movementsPerSecond: Math.round(loaded.inserts / loaded.seconds),
      ...{ goldP50: gold.p50, goldP95: gold.p95, topicP50: topic.p50, topicP95: topic.p95 },
      ...{ probes: probed.probes, lost: probed.lost, runs: probed.runs, runMs: round(probed.runMs) },
    };
    latency.push(row);
    options.tell(
      `alerts at ${row.movementsPerSecond} movements/s: in gold p50 ${row.goldP50}, p95 ${row.goldP95} ms; on the topic ${row.topicP50}, ${row.topicP95}; ${row.lost} of ${row.probes} lost`,
    );
  }
  return { latency };
}
