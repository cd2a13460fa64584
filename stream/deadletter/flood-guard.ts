// Turns a flood of parked records into an incident: beyond a rate or a total, ingestion pauses instead of filling the disk.
// Nothing is lost, because Kafka keeps what is not read. Pure: time is handed in.

import { LedgerflowError } from '../../infra/runtime/errors.ts';

export interface FloodLimits {
  /** Records parked within a minute; at the limit ingestion pauses until the minute has passed. */
  readonly perMinuteMax: number;
  /** Records parked and not dealt with, and the bytes of their values; at the limit it pauses until some are. */
  readonly totalMax: number;
  readonly bytesMax: number;
}

const MINUTE_MS = 60_000;

export class FloodGuard {
  private readonly limits: FloodLimits;
  private readonly samples: { readonly at: number; readonly count: number }[] = [];
  private inMinute = 0;

  constructor(limits: FloodLimits) {
    this.limits = limits;
  }

  /** Counts records parked by one commit. */
  parked(count: number, nowMs: number): void {
    if (count === 0) return;
    this.samples.push({ at: nowMs, count });
    this.inMinute += count;
  }

  /** Why ingestion must pause; null when it need not. At most one commit is parked beyond a limit. */
  incident(held: { readonly open: number; readonly bytes: number }, nowMs: number): LedgerflowError | null {
    const { perMinuteMax, totalMax, bytesMax } = this.limits;
    if (held.open >= totalMax) return flood(`${held.open} records are parked, the limit is ${totalMax}`);
    if (held.bytes >= bytesMax) return flood(`parked records hold ${held.bytes} bytes, the limit is ${bytesMax}`);
    if (this.samples.length === 0) return null;
    this.forget(nowMs - MINUTE_MS);
    return this.inMinute >= perMinuteMax
      ? flood(`${this.inMinute} records were parked within a minute, the limit is ${perMinuteMax}`)
      : null;
  }

  private forget(before: number): void {
    for (let first = this.samples[0]; first !== undefined && first.at <= before; first = this.samples[0]) {
      this.inMinute -= first.count;
      this.samples.shift();
    }
  }
}

function flood(message: string): LedgerflowError {
  return new LedgerflowError('LF_PARKED_FLOOD', message);
}
