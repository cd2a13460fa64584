// Lets a bounded number of statements run at once, in order of arrival, so that readers never starve the writer.

import { SqlFailure } from './failures.ts';

/** A place among the running statements; `release` may be called more than once. */
export interface Slot {
  release(): void;
}

export interface GateLimits {
  /** Statements running at once. */
  readonly running: number;
  /** Statements waiting in line; one more is refused. */
  readonly waiting: number;
}

interface Waiter {
  readonly enter: (slot: Slot) => void;
}

export class Gate {
  readonly #limits: GateLimits;
  readonly #line: Waiter[] = [];
  #running = 0;

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** Waits for a place. `signal` (cancel, time-out) takes the waiter out of the line. @throws SqlFailure 53300 when the line is full. */
  async enter(signal: AbortSignal): Promise<Slot> {
    if (this.#running < this.#limits.running) return this.#take();
    if (this.#line.length >= this.#limits.waiting) {
      throw new SqlFailure('53300', `too many statements: ${this.#running} running, ${this.#line.length} waiting`, {
        hint: 'Try again, or raise LEDGERFLOW_WIRE_CONCURRENCY_MAX.',
      });
    }
    return new Promise<Slot>((resolve, reject) => {
      const leave = (): void => {
        const at = this.#line.indexOf(waiter);
        if (at >= 0) this.#line.splice(at, 1);
        reject(new SqlFailure('57014', 'canceling statement while it waited for its turn'));
      };
      const waiter: Waiter = {
        enter: (slot) => {
          signal.removeEventListener('abort', leave);
          resolve(slot);
        },
      };
      this.#line.push(waiter);
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
    });
  }

  #take(): Slot {
    this.#running += 1;
    let held = true;
    return {
      release: () => {
        if (!held) return;
        held = false;
        this.#running -= 1;
        this.#line.shift()?.enter(this.#take());
      },
    };
  }
}
