// Runs several long tasks as one: the first failure or the caller's signal stops all of them, in reverse order, each within a deadline.

import { isAborted, LedgerflowError } from './errors.ts';
import type { Log } from './log.ts';

export interface Task {
  readonly name: string;
  /** Works until `signal` aborts; then drains and returns. Throwing anything but LF_ABORTED stops the other tasks. */
  run(signal: AbortSignal): Promise<void>;
}

export interface RunOptions {
  /** The caller's wish to stop. */
  readonly signal: AbortSignal;
  /** How long one task may take to stop before the next one is told to. */
  readonly stopDeadlineMs: number;
  readonly log?: Log;
}

interface Running {
  readonly name: string;
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

/**
 * Starts the tasks in order and waits for all of them. Stops in reverse order: the task started last is told first,
 * the one before it only when that one has ended or its deadline has passed.
 * @throws the first failure of a task; LF_STOP_DEADLINE when every task was fine but one did not end in time.
 */
export async function runTasks(tasks: readonly Task[], options: RunOptions): Promise<void> {
  const stopping = new AbortController();
  const failures: unknown[] = [];
  const running = tasks.map((task) => start(task, (error) => failures.push(error), stopping));
  await Promise.race([aborted(options.signal), aborted(stopping.signal), Promise.all(running.map((task) => task.done))]);
  const late: string[] = [];
  for (const task of running.toReversed()) {
    task.controller.abort();
    const ended = await within(options.stopDeadlineMs, task.done);
    if (!ended) late.push(task.name);
    options.log?.debug({ task: task.name, ended }, 'task stopped');
  }
  if (failures.length > 0) throw failures[0];
  if (late.length > 0) {
    throw new LedgerflowError('LF_STOP_DEADLINE', `not stopped within ${options.stopDeadlineMs} ms: ${late.join(', ')}`);
  }
}

function start(task: Task, onFailure: (error: unknown) => void, stopping: AbortController): Running {
  const controller = new AbortController();
  const done = Promise.resolve()
    .then(() => task.run(controller.signal))
    .catch((error: unknown) => {
      if (isAborted(error) && controller.signal.aborted) return;
      onFailure(error);
      stopping.abort();
    });
  return { name: task.name, controller, done };
}

/** True when `work` ended before the deadline. */
export async function within(deadlineMs: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), deadlineMs);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Resources closed in the reverse order of their opening (AsyncDisposableStack is not in Node 20). */
export class ResourceStack implements AsyncDisposable {
  readonly #closers: (() => Promise<void> | void)[] = [];

  /** Registers a resource and gives it back. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.#closers.push(() => Promise.resolve(resource[Symbol.asyncDispose]()));
    return resource;
  }

  /** Registers something to do at the end. */
  defer(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  /** Closes all, also when one fails to close; then throws the first failure. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
