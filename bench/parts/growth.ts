// Growth: the same backlog of changes to random keys over a small and over a ten times larger silver, bronze and silver only (gold off):
// what a commit costs must not grow with what is stored.

import path from 'node:path';
import { createKafka } from '../../cdc/kafka/client.ts';
import { startBroker } from '../../test/support/kafka-broker.ts';
import type { GrowthInput, GrowthRun } from '../programs/growth-processor.ts';
import { runChild } from '../support/child.ts';
import type { BenchOptions } from '../support/options.ts';
import { round } from '../support/stats.ts';
import { produceBacklog } from '../world/produce.ts';
import type { WorldSizes } from '../world/sizes.ts';

const SILVER_ROWS = 1_000_000;
const SILVER_ROWS_QUICK = 200_000;
const FACTOR = 10;
const EVENTS = 400_000;
const EVENTS_QUICK = 100_000;

export interface GrowthResult {
  readonly events: number;
  readonly small: GrowthRun;
  readonly large: GrowthRun;
  /** Large against small: 1 means that size does not matter. */
  readonly catchupRatio: number;
  readonly cpuRatio: number;
  readonly commitP50Ratio: number;
  readonly commitP95Ratio: number;
}

export async function growth(options: BenchOptions): Promise<GrowthResult> {
  const rows = options.quick ? SILVER_ROWS_QUICK : SILVER_ROWS;
  const events = options.events ?? (options.quick ? EVENTS_QUICK : EVENTS);
  const small = await runAt(rows, events, options);
  const large = await runAt(rows * FACTOR, events, options);
  return {
    ...{ events, small, large },
    catchupRatio: round(large.seconds / small.seconds, 2),
    cpuRatio: round(large.cpuSeconds / small.cpuSeconds, 2),
    commitP50Ratio: round(large.commitMs.p50 / small.commitMs.p50, 2),
    commitP95Ratio: round(large.commitMs.p95 / small.commitMs.p95, 2),
  };
}

async function runAt(silverRows: number, events: number, options: BenchOptions): Promise<GrowthRun> {
  const sizes = sizesOf(silverRows);
  await using broker = await startBroker();
  const backlog = await produceBacklog(createKafka(broker.brokers), sizes, events);
  const input: GrowthInput = {
    ...{ home: path.join(broker.home, 'processor'), brokers: broker.brokers, settings: options.settings },
    ...{ sizes, lastSeq: backlog.lastSeq },
  };
  const run = await runChild<GrowthRun>('growth-processor.ts', input, options.nodeFlags);
  options.tell(`${run.silverRows} rows: ${run.seconds} s, commit p50 ${run.commitMs.p50} ms`);
  return run;
}

/** Most rows are ledger entries, as in the other parts. */
function sizesOf(silverRows: number): WorldSizes {
  const part = (share: number): number => Math.round(silverRows * share);
  return { ledgerEntries: part(0.7), transactions: part(0.15), accounts: part(0.07), customers: part(0.04), merchants: part(0.04) };
}
