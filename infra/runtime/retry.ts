// Bounded retries with exponential back-off and full jitter; cancellation ends them at once.

import { isAborted, LedgerflowError } from './errors.ts';
import { sleep, throwIfAborted } from './sleep.ts';

export interface RetryPolicy {
  /** Calls in all, the first one included. */
  readonly attemptsMax: number;
  /** Longest wait before the second call; doubles with every further one. */
  readonly firstDelayMs: number;
  /** Upper bound of any wait. */
  readonly delayMaxMs: number;
}

export interface RetryOptions {
  readonly signal?: AbortSignal;
  /** Which failures may pass by themselves. Default: a LedgerflowError of kind retryable, or anything that is no LedgerflowError. */
  readonly retryWhen?: (error: unknown) => boolean;
  /** Called before each wait. */
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
  /** Random number in [0,1). */
  readonly random?: () => number;
}

/**
 * Calls `work` until it succeeds, at most `policy.attemptsMax` times.
 * @throws the last failure; LF_ABORTED when cancelled; a failure that may not be retried at once.
 */
export async function retry<T>(policy: RetryPolicy, work: (attempt: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const retryWhen = options.retryWhen ?? isRetryable;
  for (let attempt = 1; ; attempt += 1) {
    throwIfAborted(options.signal);
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= policy.attemptsMax || isAborted(error) || !retryWhen(error)) throw error;
      const delayMs = backoffMs(policy, attempt, options.random ?? Math.random);
      options.onRetry?.(error, attempt, delayMs);
      await sleep(delayMs, options.signal);
    }
  }
}

/** The wait after failure number `attempt` (from 1): between half of and the whole exponential step, so that it neither vanishes nor synchronises. */
export function backoffMs(policy: RetryPolicy, attempt: number, random: () => number): number {
  const stepMs = Math.min(policy.delayMaxMs, policy.firstDelayMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(stepMs / 2 + (random() * stepMs) / 2);
}

function isRetryable(error: unknown): boolean {
  return error instanceof LedgerflowError ? error.kind === 'retryable' : true;
}
