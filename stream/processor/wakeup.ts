// Wakes one waiting loop when there is something to do, without polling.

export class Wakeup {
  private resolve: (() => void) | null = null;
  private pending = false;

  /** Ends the current wait, or the next one at once. */
  wake(): void {
    this.pending = true;
    this.resolve?.();
  }

  /** Returns at the next wake, or after `ms`. */
  async wait(ms: number): Promise<void> {
    if (!this.pending) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, ms);
        this.resolve = done;
        function done(): void {
          clearTimeout(timer);
          resolve();
        }
      });
      this.resolve = null;
    }
    this.pending = false;
  }
}
