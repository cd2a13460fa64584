// Reads one part of a page whenever there may be something new: one request at a time, never faster than asked for. What could not be
// read is asked for again, ever more slowly, also when the lake stands still.

import type { Position } from '../../../api/answers/common.ts';

export interface Reading<T> {
  /** Undefined: it could not be read. */
  readonly data: T | undefined;
  readonly error: string | null;
  readonly included: Position | undefined;
  /** Whether some of it failed for a reason that may pass. */
  readonly retry: boolean;
}

const RETRY_MS = 1_000;
const RETRY_MAX_MS = 15_000;

export class Reader<T> {
  readonly #read: (signal: AbortSignal) => Promise<Reading<T>>;
  readonly #tell: (reading: Reading<T>) => void;
  readonly #everyMs: number;
  readonly #retryMs: number;
  readonly #stopping = new AbortController();
  #wanted: string | null = null;
  #told: string | null = null;
  #busy = false;

  /** @param everyMs at least between two readings @param retryMs before what failed is tried again, doubled each time */
  constructor(
    read: (signal: AbortSignal) => Promise<Reading<T>>,
    tell: (reading: Reading<T>) => void,
    everyMs: number,
    retryMs = RETRY_MS,
  ) {
    this.#read = read;
    this.#tell = tell;
    this.#everyMs = everyMs;
    this.#retryMs = retryMs;
  }

  /** Reads unless what was told is of this place. */
  want(place: string): void {
    this.#wanted = place;
    if (!this.#busy) void this.#run();
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    this.#busy = true;
    let restMs = this.#retryMs;
    while (!signal.aborted && this.#wanted !== this.#told) {
      const wanted = this.#wanted;
      const reading = await this.#read(signal);
      if (signal.aborted) return;
      this.#tell(reading);
      this.#told = reading.retry ? null : wanted;
      await this.#rest(reading.retry ? Math.max(restMs, this.#everyMs) : this.#everyMs);
      restMs = reading.retry ? Math.min(restMs * 2, RETRY_MAX_MS) : this.#retryMs;
    }
    this.#busy = false;
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}
