// Freshness: how long a heartbeat row took from MySQL to gold, and how overdue the next one is. Unknown until the first arrives.

export class Freshness {
  private readonly intervalMs: number;
  private beatenAtMs: number | null = null;
  private latencyMs: number | null = null;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  /** A beat written at `beatenAtMs` is visible in gold at `now`. */
  seen(beatenAtMs: number, now: number): void {
    if (this.beatenAtMs !== null && beatenAtMs <= this.beatenAtMs) return;
    this.beatenAtMs = beatenAtMs;
    this.latencyMs = Math.max(0, now - beatenAtMs);
  }

  /** Milliseconds from MySQL to gold: the last beat's, or the overdue time of the next beat when that is longer; null when unknown. */
  value(now: number): number | null {
    if (this.beatenAtMs === null || this.latencyMs === null) return null;
    return Math.max(this.latencyMs, now - this.beatenAtMs - this.intervalMs);
  }
}
