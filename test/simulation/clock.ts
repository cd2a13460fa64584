// Simulated time: it passes when the schedule says so.

import type { Owner } from './gates.ts';

interface Waiting {
  readonly owner: Owner;
  readonly due: number;
  readonly wakeup: SimWakeup;
}

export class SimClock {
  now = 0;
  private waiting: Waiting[] = [];

  wakeup(owner: Owner): SimWakeup {
    return new SimWakeup(this, owner);
  }

  wait(waiting: Waiting): void {
    this.waiting.push(waiting);
  }

  tick(ms: number): void {
    this.now += ms;
    const due = this.waiting.filter((each) => each.due <= this.now && each.owner.alive);
    this.waiting = this.waiting.filter((each) => each.due > this.now && each.owner.alive);
    for (const { wakeup } of due) wakeup.wake();
  }
}

/** stream/processor/wakeup.ts without a timer. */
export class SimWakeup {
  private readonly clock: SimClock;
  private readonly owner: Owner;
  private pending = false;
  private resolve: (() => void) | null = null;

  constructor(clock: SimClock, owner: Owner) {
    this.clock = clock;
    this.owner = owner;
  }

  wake(): void {
    this.pending = true;
    this.resolve?.();
  }

  async wait(ms: number): Promise<void> {
    if (!this.pending) {
      await new Promise<void>((resolve) => {
        this.resolve = resolve;
        this.clock.wait({ owner: this.owner, due: this.clock.now + ms, wakeup: this });
      });
      this.resolve = null;
    }
    this.pending = false;
  }
}
