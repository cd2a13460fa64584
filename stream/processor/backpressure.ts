// Slows fetching where too much is staged, but never a partition that the next cut waits for: its END may be behind the pause.

import type { PartitionLog } from './cut/partition-log.ts';
import type { Staging } from './cut/staging.ts';
import type { RecordSource } from './source.ts';

export interface BackpressureLimits {
  /** Messages staged per table partition. */
  readonly stagedRowsMax: number;
  /** BEGIN and END are many and small. */
  readonly transactionFactor: number;
  /** Memory of all staged messages, bytes. Above it, partitions that hold their share of it are paused, until half of it is left. */
  readonly stagedBytesMax: number;
}

export class Backpressure {
  private readonly paused = new Set<PartitionLog>();
  private readonly staging: Staging;
  private readonly source: RecordSource;
  private readonly topicName: (topicId: number) => string;
  private readonly limits: BackpressureLimits;

  constructor(staging: Staging, source: RecordSource, topicName: (topicId: number) => string, limits: BackpressureLimits) {
    this.staging = staging;
    this.source = source;
    this.topicName = topicName;
    this.limits = limits;
  }

  /** @param held the disk is full: nothing at all is fetched, also not what the next cut needs */
  apply(held = false): void {
    const { stagedRowsMax, stagedBytesMax } = this.limits;
    const { partitions } = this.staging;
    if (held) return this.pauseAll();
    let bytes = 0;
    for (const log of partitions) bytes += log.bytes;
    const full = bytes > (this.paused.size > 0 ? stagedBytesMax / 2 : stagedBytesMax);
    if (!full && this.paused.size === 0 && !partitions.some((log) => log.staged > stagedRowsMax)) return;
    const needed = new Set(this.staging.waiting().partitions);
    const share = full ? stagedBytesMax / partitions.length : Number.POSITIVE_INFINITY;
    for (const log of partitions) this.decide(log, needed.has(log), share);
  }

  private pauseAll(): void {
    for (const log of this.staging.partitions) if (!this.paused.has(log)) this.pause(log);
  }

  private pause(log: PartitionLog): void {
    this.paused.add(log);
    this.source.pause(this.topicName(log.topicId), log.partition);
  }

  private decide(log: PartitionLog, needed: boolean, share: number): void {
    const { stagedRowsMax, transactionFactor } = this.limits;
    const limit = log.role === 'transaction' ? stagedRowsMax * transactionFactor : stagedRowsMax;
    const paused = this.paused.has(log);
    if (!paused && !needed && (log.staged > limit || log.bytes > share)) this.pause(log);
    else if (paused && (needed || (log.staged < limit / 2 && log.bytes < share / 2))) {
      this.paused.delete(log);
      this.source.resume(this.topicName(log.topicId), log.partition);
    }
  }

  /** Fetching is slowed on purpose. */
  get active(): boolean {
    return this.paused.size > 0;
  }
}
