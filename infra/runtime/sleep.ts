// Waiting that ends at once when the work is cancelled.

import { setTimeout as delay } from 'node:timers/promises';
import { isAborted, LedgerflowError } from './errors.ts';

/**
 * Resolves after `ms` milliseconds.
 * @throws LedgerflowError LF_ABORTED as soon as `signal` aborts.
 */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw new LedgerflowError('LF_ABORTED', 'the wait was cancelled', { cause: error });
  }
}

/** Waits; false when the wait was cancelled, where that is no failure. */
export async function sleptThrough(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await sleep(ms, signal);
    return true;
  } catch (error) {
    if (isAborted(error)) return false;
    throw error;
  }
}

/** Throws LF_ABORTED when the work was cancelled: for loops that check between steps. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new LedgerflowError('LF_ABORTED', 'the work was cancelled', { cause: signal.reason });
}
