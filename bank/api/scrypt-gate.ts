// Password hashes one or two at a time: each takes 0.1 s of a core and 32 MiB, and money must go on moving beside a storm of logins.

import { HttpProblem } from './problem.ts';

const RUNNING_MAX = 2;
const WAITING_MAX = 64;

export class ScryptGate {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** @throws HttpProblem busy when too many wait already */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= RUNNING_MAX) {
      if (this.#waiting.length >= WAITING_MAX) throw new HttpProblem('busy', 'too many logins at once', { retryAfter: 5 });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next(); // hands its place on
    }
  }
}
