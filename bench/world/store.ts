// The store of a benchmark's home, opened as the processor opens it.

import path from 'node:path';
import { loadConfig } from '../../infra/runtime/config.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { openStore, type StoreHandle } from '../../lake/store/open.ts';

export interface StoreInput {
  readonly home: string;
  readonly brokers: string;
  /** Settings by environment name, to try other ones. */
  readonly settings?: Readonly<Record<string, string>>;
}

export function benchConfig(input: StoreInput): Config {
  return loadConfig({ LEDGERFLOW_HOME: input.home, LEDGERFLOW_KAFKA_BROKERS: input.brokers, ...input.settings });
}

export function openBenchStore(config: Config): Promise<StoreHandle> {
  return openStore({
    storeFolder: path.join(config.home, 'store'),
    lakeDataFolder: path.join(config.home, 'lake', 'data'),
    memoryMb: config.storeMemoryMb,
    threads: config.storeThreads,
  });
}
