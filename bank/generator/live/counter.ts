// What carries the plan's events out: the bank's HTTP API, or plain SQL through the triggers. Every step may be sent again: it is done once.

import type { DeviceAdded, Movement } from '../world/event.ts';

/** When a step happens, milliseconds since 1970: the business time, and the time of writing (plain SQL states it, the API has its own). */
export interface When {
  readonly effectiveMs: number;
  readonly writtenMs: number;
  /** The business time is that of the answer: the API is not told one. */
  readonly isNow: boolean;
}

/** `refused`: the ledger would not (somebody else moved the money, the market moved); nothing was posted. */
export type Outcome = 'done' | 'refused';

export interface Counter extends AsyncDisposable {
  /** Posts a movement, notes a failed one, or reserves a pending one. */
  move(movement: Movement, when: When): Promise<Outcome>;
  /** Ends a pending one. */
  resolve(movement: Movement, posts: boolean, when: When): Promise<Outcome>;
  device(event: DeviceAdded, when: When): Promise<Outcome>;
}
