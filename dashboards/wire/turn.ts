// One running statement's place in the gate, and the reasons for which a statement is stopped.

import { SqlFailure } from './failures.ts';
import type { Entrance } from './accounts.ts';
import type { Slot } from './gate.ts';

export type StopReason = 'cancel' | 'timeout' | 'closed' | 'shutdown';

const STOPPED: Readonly<Record<StopReason, readonly [string, string]>> = {
  cancel: ['57014', 'canceling statement due to user request'],
  timeout: ['57014', 'canceling statement due to statement timeout'],
  closed: ['08006', 'the client has gone'],
  shutdown: ['57P01', 'terminating connection: the endpoint is stopping'],
};

/** A statement's place among the running ones. It is given back while the client's socket is full. */
export class Turn {
  readonly signal: AbortSignal;
  readonly #gate: Entrance;
  #slot: Slot | undefined;

  constructor(gate: Entrance, signal: AbortSignal) {
    this.#gate = gate;
    this.signal = signal;
  }

  async resume(): Promise<void> {
    this.#slot = await this.#gate.enter(this.signal);
    this.check();
  }

  pause(): void {
    this.#slot?.release();
    this.#slot = undefined;
  }

  /** @throws SqlFailure when the statement was stopped. */
  check(): void {
    checkStopped(this.signal);
  }
}

/** @throws SqlFailure when the signal of a statement was aborted, with the reason. */
export function checkStopped(signal: AbortSignal): void {
  if (!signal.aborted) return;
  const [sqlstate, message] = STOPPED[signal.reason as StopReason];
  throw new SqlFailure(sqlstate, message, { fatal: sqlstate !== '57014' });
}
