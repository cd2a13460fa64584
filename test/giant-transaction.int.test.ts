// One transaction of 100,000 rows through a real broker and the real processor, with a small memory limit: it is committed as a whole,
// although its END stands behind what the limit lets the processor hold, and nothing is left of it on the disk.

import { expect, it } from 'vitest';
import { giant } from '../bench/parts/giant.ts';

const ROWS = 100_000;
const PRELOADED = 200;
const UPDATED_EVERY = 10;

it('commits a transaction larger than its memory as a whole', async () => {
  const result = await giant({
    ...{ quick: true, events: ROWS, nodeFlags: [], tell: () => undefined },
    settings: { LEDGERFLOW_STAGED_MB: '16', LEDGERFLOW_STORE_MEMORY_MB: '512', LEDGERFLOW_STAGED_ROWS_MAX: '5000' },
  });
  expect(result.applied).toBeGreaterThanOrEqual(ROWS);
  expect(result.statesSeen.filter((rows) => rows !== PRELOADED)).toEqual([PRELOADED + (ROWS / UPDATED_EVERY) * (UPDATED_EVERY - 1)]);
  expect(result.spilledMaxMb).toBeGreaterThan(40);
  expect(result.filesLeft).toBe(0);
}, 300_000);
