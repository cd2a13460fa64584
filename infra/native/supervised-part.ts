// One part while it is watched: started, waited for, restarted with back-off when it dies, stopped within its deadline.

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { hostEnvironment } from '../runtime/config.ts';
import { isAborted, LedgerflowError, messageOf } from '../runtime/errors.ts';
import { backoffMs } from '../runtime/retry.ts';
import { sleep, throwIfAborted } from '../runtime/sleep.ts';
import { fileTail, lastLines } from './log-tail.ts';
import { LOG_TRIM_INTERVAL_MS, setLogAside, trimLog } from './log-trim.ts';
import type { Part } from './parts/part.ts';
import { endProcess, identify, isAlive, type EndedBy, type ProcessId } from './process-id.ts';

const RESTART = { attemptsMax: Number.POSITIVE_INFINITY, firstDelayMs: 500, delayMaxMs: 30_000 };
/** A part that lived this long starts its back-off anew. */
const STEADY_MS = 60_000;
const PROBE_INTERVAL_MS = 100;

export interface PartWatcher {
  /** Called in the same tick as the spawn: the pid must be recorded before anything else happens. */
  onSpawn(part: Part, id: ProcessId, restarts: number): void;
  onHealthy(part: Part, restarts: number): void;
  onDeath(part: Part, reason: string, delayMs: number): void;
}

export class SupervisedPart {
  readonly part: Part;
  readonly #watcher: PartWatcher;
  #child: ChildProcess | undefined;
  #id: ProcessId = { pid: 0, startedTicks: 0 };
  #exited: Promise<string> = Promise.resolve('never started');
  #restarts = 0;

  constructor(part: Part, watcher: PartWatcher) {
    this.part = part;
    this.#watcher = watcher;
  }

  /** Prepares, starts and waits for health. @throws LedgerflowError LF_PART_START with the last lines of the log */
  async start(signal: AbortSignal): Promise<void> {
    await this.part.prepare(signal);
    this.#spawn();
    await this.#untilHealthy(signal);
    this.#watcher.onHealthy(this.part, this.#restarts);
  }

  /** Restarts the part whenever it dies, until `signal` aborts. */
  async keepAlive(signal: AbortSignal): Promise<void> {
    const trimming = setInterval(() => trimLog(this.#outputFile()), LOG_TRIM_INTERVAL_MS).unref();
    signal.addEventListener('abort', () => clearInterval(trimming), { once: true });
    let failures = 0;
    let since = Date.now();
    while (!signal.aborted) {
      const reason = await Promise.race([this.#exited, untilAborted(signal)]);
      if (signal.aborted || reason === undefined) return;
      failures = Date.now() - since > STEADY_MS ? 1 : failures + 1;
      const delayMs = backoffMs(RESTART, failures, Math.random);
      this.#watcher.onDeath(this.part, `${reason}: ${this.#logTail()}`, delayMs);
      if (await this.#restart(delayMs, signal)) since = Date.now();
    }
  }

  /** SIGTERM, then SIGKILL to the group when the deadline has passed. */
  async stop(): Promise<EndedBy> {
    return await endProcess(this.#id, this.part.stopDeadlineMs);
  }

  async #restart(delayMs: number, signal: AbortSignal): Promise<boolean> {
    try {
      await sleep(delayMs, signal);
      this.#restarts += 1;
      this.#spawn();
      await this.#untilHealthy(signal);
      this.#watcher.onHealthy(this.part, this.#restarts);
      return true;
    } catch (error) {
      // It never became healthy: end it, so that the next round starts from nothing.
      if (!isAborted(error)) await this.stop();
      return false;
    }
  }

  /** Own session and group, so that Ctrl-C in the terminal reaches this process only, which then stops the parts in order. */
  #spawn(): void {
    const { command, args, env, cwd } = this.part.launch();
    const output = openLog(this.#outputFile());
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', output, output],
      env: { ...hostEnvironment(), ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    closeSync(output);
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => resolve(messageOf(error)));
      child.once('exit', (code, killedBy) => resolve(killedBy === null ? `exit code ${code ?? 0}` : `ended by ${killedBy}`));
    });
    if (child.pid === undefined) return;
    this.#id = identify(child.pid);
    this.#watcher.onSpawn(this.part, this.#id, this.#restarts);
  }

  async #untilHealthy(signal: AbortSignal): Promise<void> {
    const end = Date.now() + this.part.startDeadlineMs;
    let last = 'no answer yet';
    for (;;) {
      throwIfAborted(signal);
      if (this.#child?.pid === undefined || !isAlive(this.#id)) {
        throw this.#failure(`ended before it was healthy (${await this.#exited})`);
      }
      try {
        if (await this.part.healthy(AbortSignal.any([signal, AbortSignal.timeout(5_000)]))) return;
      } catch (error) {
        if (error instanceof LedgerflowError && error.kind === 'fatal') throw error;
        last = messageOf(error);
      }
      if (Date.now() >= end) throw this.#failure(`was not healthy after ${this.part.startDeadlineMs / 1_000} s (${last})`);
      await sleep(PROBE_INTERVAL_MS, signal);
    }
  }

  #failure(what: string): LedgerflowError {
    return new LedgerflowError('LF_PART_START', `${this.part.name} ${what}: ${this.#logTail()}`, { where: this.part.logFile });
  }

  #outputFile(): string {
    return this.part.ownLog ? `${this.part.logFile}.out` : this.part.logFile;
  }

  #logTail(): string {
    const files = this.part.ownLog ? [`${this.part.logFile}.out`, this.part.logFile] : [this.part.logFile];
    return lastLines(files.map(fileTail).join('\n'), 3) || 'its log is empty';
  }
}

function untilAborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
}

/** Opened for appending; a log that has grown too large is moved aside first. */
function openLog(file: string): number {
  mkdirSync(path.dirname(file), { recursive: true });
  setLogAside(file);
  return openSync(file, 'a', 0o600);
}
