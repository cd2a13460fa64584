// Everything asynchronous in the simulated processor waits at a gate until the schedule opens it. No timers, no clock: what a
// processor has not been let through when it dies, has not happened.

import { Violation } from './violation.ts';

/** Whose gate it is: a processor that is dead goes through none. */
export interface Owner {
  readonly name: string;
  alive: boolean;
}

interface Gate {
  readonly owner: Owner;
  readonly label: string;
  /** May have happened when the owner dies before it learns of it: a commit on its way. */
  readonly mayHappen: boolean;
  readonly effect: () => void;
  readonly pass: () => void;
  readonly fail: (error: unknown) => void;
}

export class Gates {
  private pending: Gate[] = [];

  /** Waits until opened; then `effect` happens, at once and as a whole, and its error is the caller's. */
  async pass<T>(owner: Owner, label: string, effect: () => T, mayHappen = false): Promise<T> {
    let result!: T;
    await new Promise<void>((pass, fail) => {
      this.pending.push({ owner, label, mayHappen, effect: () => (result = effect()), pass, fail });
    });
    return result;
  }

  get size(): number {
    return this.pending.length;
  }

  /** Opens the n-th gate, counted round; returns its label. */
  open(n: number): string | null {
    const gate = this.pending.splice(n % Math.max(1, this.pending.length), 1)[0];
    if (gate === undefined) return null;
    try {
      gate.effect();
      gate.pass();
    } catch (error) {
      gate.fail(error);
    }
    return `${gate.owner.name}: ${gate.label}`;
  }

  /** Makes the n-th gate whose label begins so fail; returns its label. */
  refuse(n: number, prefix: string): string | null {
    const candidates = this.pending.filter(({ label }) => label.startsWith(prefix));
    const gate = candidates[n % Math.max(1, candidates.length)];
    if (gate === undefined) return null;
    this.pending.splice(this.pending.indexOf(gate), 1);
    if (gate.mayHappen && (n & 64) !== 0) mayHaveHappened(gate); // it happened, and only the answer was lost
    gate.fail(new Error(`${gate.label} failed`));
    return `${gate.owner.name}: ${gate.label}`;
  }

  /** The owner dies. A commit on its way may still have happened: the bits of `n` say which. */
  close(owner: Owner, n: number): void {
    const own = this.pending.filter((gate) => gate.owner === owner);
    this.pending = this.pending.filter((gate) => gate.owner !== owner);
    own.forEach((gate, index) => {
      if (gate.mayHappen && ((n >> (index % 16)) & 1) !== 0) mayHaveHappened(gate);
    });
  }
}

/** Nobody hears of it: an effect that is refused (another processor has taken the lake) has just not happened. */
function mayHaveHappened(gate: Gate): void {
  try {
    gate.effect();
  } catch (error) {
    if (error instanceof Violation) throw error;
  }
}

/** Lets every promise that can go on do so: micro-tasks run before the next immediate. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
