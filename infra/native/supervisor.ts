// Starts the parts in order, keeps them alive, stops them in reverse order; writes down at every step what runs.
// Everything it starts is in run.json in the same tick, so that even after kill -9 the next start finds and ends it.

import { setMaxListeners } from 'node:events';
import path from 'node:path';
import { isAborted, LedgerflowError, messageOf } from '../runtime/errors.ts';
import { lockFile } from './obtain/cache.ts';
import type { Step } from './parts/part.ts';
import { PortChooser } from './ports.ts';
import { identify, type EndedBy } from './process-id.ts';
import { isRunning, readRunFile, writeRunFile, type Endpoints, type RunFile, type RunState } from './run-file.ts';
import { cleanStaleRun } from './stale-run.ts';
import { SupervisedPart } from './supervised-part.ts';

export type SupervisorEvent =
  | { readonly kind: 'stale'; readonly name: string; readonly pid: number; readonly by: EndedBy }
  | { readonly kind: 'starting' | 'done'; readonly name: string }
  | { readonly kind: 'healthy'; readonly name: string; readonly port: number | null; readonly restarts: number }
  | { readonly kind: 'died'; readonly name: string; readonly reason: string; readonly delayMs: number }
  | { readonly kind: 'started' }
  | { readonly kind: 'stopping'; readonly name: string }
  | { readonly kind: 'stopped'; readonly name: string; readonly by: EndedBy };

export interface SupervisorOptions {
  readonly home: string;
  readonly onEvent: (event: SupervisorEvent) => void;
}

const STALE_DEADLINE_MS = 30_000;
/** Health checks and waits of all parts listen to the stop signal. */
const LISTENERS_MAX = 200;

export interface HomeClaim extends AsyncDisposable {
  /** What is chosen here stays with this home as long as the claim. */
  readonly ports: PortChooser;
}

/**
 * The right to run in `home`: one supervisor at a time, and what an earlier one left behind is ended first.
 * Take it before choosing ports. @throws LedgerflowError LF_ALREADY_RUNNING saying who runs where
 */
export async function claimHome(options: SupervisorOptions): Promise<HomeClaim> {
  const { home, onEvent } = options;
  const lock = await lockFile(path.join(home, 'up.lock'), { waitMs: 0 });
  const run = readRunFile(home);
  if (lock === undefined || isRunning(run)) {
    await lock?.[Symbol.asyncDispose]();
    const where = run?.endpoints.wire === undefined ? '' : `, SQL on port ${run.endpoints.wire.port}`;
    throw new LedgerflowError('LF_ALREADY_RUNNING', `LedgerFlow already runs here (pid ${run?.supervisor.pid ?? 'unknown'}${where})`, {
      where: home,
    });
  }
  for (const ended of await cleanStaleRun(home, STALE_DEADLINE_MS)) onEvent({ kind: 'stale', ...ended });
  // From now on `down` finds this process, also while it is still fetching parts; the old addresses are the ports to prefer.
  writeRunFile(home, newRun(readRunFile(home)?.endpoints ?? {}));
  const ports = new PortChooser();
  return { ports, [Symbol.asyncDispose]: () => release(home, lock, ports) };
}

async function release(home: string, lock: AsyncDisposable, ports: PortChooser): Promise<void> {
  await ports[Symbol.asyncDispose]();
  const run = readRunFile(home);
  if (run !== undefined && run.state !== 'stopped') writeRunFile(home, { ...run, state: 'stopped', parts: {} });
  await lock[Symbol.asyncDispose]();
}

function newRun(endpoints: Partial<Endpoints>): RunFile {
  const startedAt = new Date().toISOString();
  return { version: 1, state: 'starting', startedAt, supervisor: identify(process.pid), parts: {}, endpoints };
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #steps: readonly Step[];
  readonly #started: SupervisedPart[] = [];
  #run: RunFile;
  #allStarted = false;

  constructor(options: SupervisorOptions, steps: readonly Step[], endpoints: Partial<Endpoints>) {
    this.#options = options;
    this.#steps = steps;
    this.#run = newRun(endpoints);
  }

  /** Starts everything, works until `signal` aborts, stops everything. @throws the first failure of the start, after stopping */
  async run(signal: AbortSignal): Promise<void> {
    const stopping = new AbortController();
    setMaxListeners(LISTENERS_MAX, stopping.signal);
    const watching: Promise<void>[] = [];
    try {
      this.#write({});
      for (const step of this.#steps) await this.#start(step, signal, (part) => watching.push(part.keepAlive(stopping.signal)));
      this.#allStarted = true;
      this.#options.onEvent({ kind: 'started' });
      await untilAborted(signal);
    } catch (error) {
      if (!isAborted(error) && !signal.aborted) {
        this.#write({ failure: error instanceof LedgerflowError ? error.toLine() : messageOf(error) });
        throw error;
      }
    } finally {
      this.#allStarted = false;
      stopping.abort();
      await Promise.all(watching);
      await this.#stop();
    }
  }

  /** True from the moment the last step is done until the stop begins. */
  get allStarted(): boolean {
    return this.#allStarted;
  }

  /** What the pipeline itself reports, for run.json. */
  setState(state: RunState): void {
    if (this.#run.state !== state) this.#write({ state });
  }

  async #start(step: Step, signal: AbortSignal, watch: (part: SupervisedPart) => void): Promise<void> {
    this.#options.onEvent({ kind: 'starting', name: step.name });
    if (step.kind === 'task') {
      await step.run(signal);
      this.#options.onEvent({ kind: 'done', name: step.name });
      return;
    }
    const part = new SupervisedPart(step, {
      onSpawn: ({ name, port, logFile }, id, restarts) =>
        this.#write({ parts: { ...this.#run.parts, [name]: { ...id, port, logFile, restarts } } }),
      onHealthy: ({ name, port }, restarts) => this.#options.onEvent({ kind: 'healthy', name, port, restarts }),
      onDeath: ({ name }, reason, delayMs) => this.#options.onEvent({ kind: 'died', name, reason, delayMs }),
    });
    this.#started.push(part);
    await part.start(signal);
    watch(part);
  }

  async #stop(): Promise<void> {
    for (const part of this.#started.toReversed()) {
      const { name } = part.part;
      this.#options.onEvent({ kind: 'stopping', name });
      this.#options.onEvent({ kind: 'stopped', name, by: await part.stop() });
      const { [name]: _ended, ...parts } = this.#run.parts;
      this.#write({ parts });
    }
    this.#write({ state: 'stopped' });
  }

  #write(change: Partial<RunFile>): void {
    this.#run = { ...this.#run, ...change };
    writeRunFile(this.#options.home, this.#run);
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
