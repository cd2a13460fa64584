// Numbers of the running processor for /status: rates over a sliding window, lag asked from the broker now and then.

import type { CommitReport } from '../../lake/store/commit-report.ts';

const WINDOW_MS = 5_000;

/** Rate of events over the last seconds. */
export class RateWindow {
  private readonly samples: { at: number; count: number }[] = [];

  add(count: number, now: number): void {
    this.samples.push({ at: now, count });
    this.trim(now);
  }

  perSecond(now: number): number {
    this.trim(now);
    return this.samples.reduce((sum, sample) => sum + sample.count, 0) / (WINDOW_MS / 1_000);
  }

  private trim(now: number): void {
    while (this.samples.length > 0 && (this.samples[0]?.at ?? 0) < now - WINDOW_MS) this.samples.shift();
  }
}

/** Progress of the first snapshot: rows so far, rows a second, and the rest as far as Kafka tells. */
export class SnapshotProgress {
  private rows = 0;
  private readonly rate = new RateWindow();

  count(report: CommitReport, now: number): void {
    this.rows += report.applied;
    this.rate.add(report.applied, now);
  }

  report(
    lagMessages: number | null,
    now: number,
  ): { rows: number; total: number | null; rowsPerSecond: number; etaSeconds: number | null } {
    const rowsPerSecond = Math.round(this.rate.perSecond(now));
    const total = lagMessages === null ? null : this.rows + lagMessages;
    const etaSeconds = lagMessages === null || rowsPerSecond === 0 ? null : Math.ceil(lagMessages / rowsPerSecond);
    return { rows: this.rows, total, rowsPerSecond, etaSeconds };
  }
}
