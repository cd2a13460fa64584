// What jobs read before their runs, beside everything else that runs: nothing of the runner is held meanwhile. A job has one reading at a
// time; when it has ended the run goes on, in its transaction.

import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { TIME_LIMIT_MS } from './attempt.ts';
import type { Job, PlannedRun } from './job.ts';

export interface Reading {
  readonly run: PlannedRun;
  readonly startedAt: Date;
  /** What ended it early; undefined when it was read to its end. */
  readonly error: Error | undefined;
}

export interface ReadingRequest {
  readonly job: Job;
  readonly run: PlannedRun;
  readonly startedAt: Date;
  /** Aborts when the process stops. */
  readonly signal: AbortSignal;
}

export class Readings {
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly ended: Reading[] = [];

  /** @param onEnd called when the reading can be taken */
  start({ job, run, startedAt, signal }: ReadingRequest, onEnd: () => void): void {
    const done = read({ job, run, startedAt, signal }).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error : new Error(messageOf(error))),
    );
    this.underWay.set(
      job.name,
      done.then((error) => {
        this.ended.push({ run, startedAt, error });
        onEnd();
      }),
    );
  }

  /** Jobs whose next run is being read for, or has been. */
  has(job: string): boolean {
    return this.underWay.has(job);
  }

  /** The next one that has ended. */
  take(): Reading | undefined {
    const reading = this.ended.shift();
    if (reading !== undefined) this.underWay.delete(reading.run.job);
    return reading;
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay.values());
  }
}

async function read({ job, run, startedAt, signal }: ReadingRequest): Promise<void> {
  const limitMs = job.timeLimitMs ?? TIME_LIMIT_MS;
  const stop = new AbortController();
  const end = (): void => stop.abort();
  const timer = setTimeout(end, limitMs);
  signal.addEventListener('abort', end, { once: true });
  try {
    await job.beside?.({ runId: run.runId, now: startedAt, signal: stop.signal });
    stop.signal.throwIfAborted();
  } catch (error) {
    if (signal.aborted) throw new LedgerflowError('LF_ABORTED', 'the run was broken off by a stop', { cause: error });
    if (!stop.signal.aborted) throw error;
    throw new LedgerflowError('LF_JOB_TIME_LIMIT', `not ended within ${limitMs} ms`, { where: job.name, cause: error });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
