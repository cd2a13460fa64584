// The only door to the clock for code that decides something: tests put a manual clock in its place.

export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC: for display and for ages of rows, never for ordering changes. */
  nowMs(): number;
  /** Milliseconds that never run backwards: for durations. */
  monotonicMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };

export interface ManualClock extends Clock {
  advance(ms: number): void;
}

/** A clock for tests that stands still until it is advanced. */
export function manualClock(startMs = 0): ManualClock {
  let elapsedMs = 0;
  return {
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    advance: (ms) => {
      elapsedMs += ms;
    },
  };
}
