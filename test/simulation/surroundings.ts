// What one life of the processor finds around it; the world has it all.

import type { SimClock } from './clock.ts';
import type { SimDisk } from './disk.ts';
import type { Gates, Owner } from './gates.ts';
import type { CommitJudge } from './judge.ts';
import type { SimKafka } from './kafka.ts';
import type { SimLake } from './lake.ts';
import type { StoreState } from './store-state.ts';

export interface Surroundings {
  readonly clock: SimClock;
  readonly gates: Gates;
  readonly disk: SimDisk;
  readonly kafka: SimKafka;
  readonly lake: SimLake;
  readonly judge: CommitJudge;
  /** The store as it stands; replaced when a backup is put back. */
  readonly state: StoreState;
  /** A processor was told that a commit has happened. */
  acknowledged(owner: Owner, commitId: number): void;
  /** A processor has ended by itself, or its publication has. */
  failed(owner: Owner, error: unknown): void;
}
