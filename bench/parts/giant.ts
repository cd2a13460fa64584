// One transaction of millions of rows: committed as a whole within the memory limits, with what it takes.

import path from 'node:path';
import { createKafka } from '../../cdc/kafka/client.ts';
import { startBroker } from '../../test/support/kafka-broker.ts';
import type { GiantInput, GiantResult } from '../programs/giant-processor.ts';
import { runChild } from '../support/child.ts';
import type { BenchOptions } from '../support/options.ts';
import { produceGiant } from '../world/giant.ts';

const ROWS = 2_000_000;
const ROWS_QUICK = 300_000;

export interface GiantPart extends GiantResult {
  readonly rows: number;
  readonly valueMb: number;
}

/** Runs the part; broker and files are gone afterwards. */
export async function giant(options: Pick<BenchOptions, 'quick' | 'events' | 'settings' | 'nodeFlags' | 'tell'>): Promise<GiantPart> {
  await using broker = await startBroker();
  const backlog = await produceGiant(createKafka(broker.brokers), options.events ?? (options.quick ? ROWS_QUICK : ROWS));
  const valueMb = Math.round(backlog.valueBytes / 2 ** 20);
  options.tell(`one transaction of ${backlog.rows} rows, ${valueMb} MB of values, is in Kafka`);
  const input: GiantInput = { home: path.join(broker.home, 'processor'), brokers: broker.brokers, settings: options.settings, ...backlog };
  const result = await runChild<GiantResult>('giant-processor.ts', input, options.nodeFlags);
  return { rows: backlog.rows, valueMb, ...result };
}
