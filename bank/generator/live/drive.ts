// Sends the plan's events through counters: one worker for each community, in order, because what one customer does may need what another of
// the community did before; communities side by side. A worker's queue is bounded; a full one makes the plan wait.

import { isAborted, messageOf } from '../../../infra/runtime/errors.ts';
import { sleptThrough } from '../../../infra/runtime/sleep.ts';
import type { Movement, WorldEvent } from '../world/event.ts';
import type { SeededWorld } from '../world/population.ts';
import type { Counter, Outcome, When } from './counter.ts';

const QUEUED_MAX = 256;
/** Movements remembered, to ask for their ids again: returns come within two weeks. */
const RECENT_MAX = 200_000;

export interface DriveOptions {
  readonly world: SeededWorld;
  /** One for each community. */
  readonly counters: readonly Counter[];
  /** Events of the plan, all of them from its beginning. */
  readonly events: Iterable<WorldEvent>;
  /** Events that are done already. */
  readonly skip: number;
  readonly whenOf: (event: WorldEvent) => When;
  /** Milliseconds of the run at which an event is due; sent as soon as possible without it. */
  readonly dueMs?: (event: WorldEvent) => number;
  readonly durationMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called once a second and at the end, with the number of events before which all are done. */
  readonly onProgress: (progress: DriveProgress) => Promise<void>;
}

export interface DriveProgress {
  readonly events: number;
  readonly done: number;
  readonly refused: number;
  readonly atMs: number;
}

/** Movements by number, the youngest of them. */
export class Recent {
  readonly #known = new Map<number, { readonly movement: Movement; readonly when: When }>();

  readonly of = (n: number): { readonly movement: Movement; readonly when: When } | undefined => this.#known.get(n);

  add(movement: Movement, when: When): void {
    if (movement.type !== 'PURCHASE' || movement.status === 'failed') return;
    this.#known.set(movement.n, { movement, when });
    if (this.#known.size <= RECENT_MAX) return;
    const [oldest] = this.#known.keys();
    this.#known.delete(oldest!);
  }
}

const PROGRESS_INTERVAL_MS = 1_000;

/** Runs until the events end, the time is over or `signal` aborts; what was taken is finished. @throws what a counter throws */
export async function drive(options: DriveOptions, recent: Recent): Promise<DriveProgress> {
  const { world, counters, events, skip, whenOf, dueMs, durationMs = Infinity, signal, onProgress } = options;
  const tally = { done: 0, refused: 0 };
  const workers = counters.map((counter) => new Worker(counter, tally));
  const startedMs = performance.now();
  const elapsed = (): number => performance.now() - startedMs;
  let [seen, atMs, toldMs] = [0, 0, 0];
  const progress = (): DriveProgress => ({ events: Math.min(seen, ...workers.map(({ first }) => first)), ...tally, atMs });
  try {
    for (const event of events) {
      const when = whenOf(event);
      if (event.kind === 'movement') recent.add(event, when);
      if (seen >= skip) {
        const due = dueMs?.(event) ?? 0;
        if (signal?.aborted === true || elapsed() > durationMs || due > durationMs) break;
        if (due > elapsed() + 1 && !(await sleptThrough(due - elapsed(), signal))) break;
        await workers[communityOf(world, event)]!.add(seen, event, dueMs === undefined ? when : whenOf(event));
        atMs = event.at;
        if (elapsed() - toldMs > PROGRESS_INTERVAL_MS) {
          toldMs = elapsed();
          await onProgress(progress());
        }
      }
      seen += 1;
    }
    await Promise.all(workers.map((worker) => worker.end()));
  } finally {
    await onProgress(progress());
  }
  return progress();
}

function communityOf({ citizens, accounts }: SeededWorld, event: WorldEvent): number {
  if (event.kind === 'device') return citizens[event.plan.customer]!.community;
  const { account } = event.kind === 'resolution' ? event.of : event;
  return citizens[accounts[account]!.customer]!.community;
}

class Worker {
  /** Number of the first event that is not done. */
  first = Infinity;
  readonly #counter: Counter;
  readonly #tally: { done: number; refused: number };
  readonly #queue: number[] = [];
  #tail: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #stopped = false;
  #room: (() => void) | undefined;

  constructor(counter: Counter, tally: { done: number; refused: number }) {
    this.#counter = counter;
    this.#tally = tally;
  }

  async add(number: number, event: WorldEvent, when: When): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#queue.push(number);
    this.first = this.#queue[0]!;
    this.#tail = this.#tail.then(() => this.#run(event, when));
    if (this.#queue.length >= QUEUED_MAX) await new Promise<void>((resolve) => (this.#room = resolve));
    // Lets the answers in when nothing else waits.
    else if (this.#queue.length % 16 === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  async end(): Promise<void> {
    await this.#tail;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #run(event: WorldEvent, when: When): Promise<void> {
    if (this.#failure === undefined && !this.#stopped) {
      try {
        this.#tally[await send(this.#counter, event, when)] += 1;
        this.#queue.shift();
        this.first = this.#queue[0] ?? Infinity;
      } catch (error) {
        // Told to stop in the middle of a step: it stays the first that is not done.
        if (isAborted(error)) this.#stopped = true;
        else this.#failure = error instanceof Error ? error : new Error(messageOf(error));
      }
    }
    this.#room?.();
    this.#room = undefined;
  }
}

async function send(counter: Counter, event: WorldEvent, when: When): Promise<Outcome> {
  if (event.kind === 'device') return await counter.device(event, when);
  if (event.kind === 'resolution') return await counter.resolve(event.of, event.status === 'posted', when);
  return await counter.move(event, when);
}
