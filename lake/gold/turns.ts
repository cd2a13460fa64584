// Serves the calls of the refresher one after the other, and lets somebody who cannot wait take the turn when nothing is under way.

export class Turns {
  private queue: Promise<unknown> = Promise.resolve();
  /** Calls without a result yet. */
  private underWay = 0;

  /** Runs the work when its turn comes; `after` ends the turn, when the result is out already. */
  async next<T>(work: () => Promise<T>, after: () => Promise<void>): Promise<T> {
    this.underWay += 1;
    const run = this.queue.then(work).finally(() => (this.underWay -= 1));
    this.queue = run.then(after, after).catch(() => undefined); // the call itself tells its failure
    return await run;
  }

  /** Takes the turn; it ends when the function returned is called. Null while a call is under way. What ends a turn may still go on. */
  take(): (() => void) | null {
    if (this.underWay > 0) return null;
    let release = (): void => undefined;
    const taken = new Promise<void>((resolve) => (release = resolve));
    this.queue = this.queue.then(() => taken);
    return release;
  }

  /** Resolves when everything that was called has ended. */
  async ended(): Promise<void> {
    await this.queue;
  }
}
