// Makes a store with the preloaded world and without gold, and closes it: a processor reads its position when it opens the store.

import type { Logger } from 'pino';
import type { Config } from '../../infra/runtime/settings.ts';
import { preload } from './preload.ts';
import type { WorldSizes } from './sizes.ts';
import { openBenchStore } from './store.ts';

export async function preloadedStore(config: Config, sizes: WorldSizes, log: Logger): Promise<void> {
  await using store = await openBenchStore(config);
  await preload(store, sizes, log, { gold: false });
}
