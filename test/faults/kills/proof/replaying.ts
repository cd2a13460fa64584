// A replay over a small bronze that makes many commits.

import { replayInto, writeTestBronze } from '../../../../stream/replay/testkit-bronze.ts';
import type { Operation } from './operation.ts';

export const REPLAY: Operation = {
  name: 'replay',
  prepare: async ({ home }) => {
    await writeTestBronze(home);
  },
  perform: async ({ home }) => ({ violations: [], content: await replayInto(home, 'shadow', await writeTestBronze(home)) }),
};
