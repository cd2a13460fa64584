// Makes the preloaded store of the catch-up benchmark in a folder: node --import tsx … '{"home":…,"sizes":…}'

import { pino } from 'pino';
import { preload } from '../world/preload.ts';
import { benchConfig, openBenchStore, type StoreInput } from '../world/store.ts';
import type { WorldSizes } from '../world/sizes.ts';

const input = JSON.parse(process.argv[2] ?? '{}') as StoreInput & { sizes: WorldSizes };
const started = performance.now();
{
  await using store = await openBenchStore(benchConfig(input));
  await preload(store, input.sizes, pino({ level: 'warn' }, pino.destination(2)));
}
console.log(JSON.stringify({ seconds: (performance.now() - started) / 1_000 }));
