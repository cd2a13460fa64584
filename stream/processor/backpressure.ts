// Slows fetching where too much is staged, but never a partition that the next cut waits for: its END may be behind the pause.

import type { PartitionLog } from './cut/partition-log.ts';
import type { Staging } from './cut/staging.ts';
import type { RecordSource } from './source.ts';

export interface BackpressureLimits {
  /** Messages staged per table partition. */
  readonly stagedRowsMax: number;
  /** BEGIN and END are many and small. */
  readonly transactionFactor: number;
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

  apply(): void {
    const { stagedRowsMax, transactionFactor } = this.limits;
    const over = this.staging.partitions.some((log) => log.staged > stagedRowsMax);
    if (!over && this.paused.size === 0) return;
    const needed = new Set(this.staging.waiting().partitions);
    for (const log of this.staging.partitions) {
      const limit = log.role === 'transaction' ? stagedRowsMax * transactionFactor : stagedRowsMax;
      const paused = this.paused.has(log);
      if (!paused && log.staged > limit && !needed.has(log)) {
        this.paused.add(log);
        this.source.pause(this.topicName(log.topicId), log.partition);
      } else if (paused && (log.staged < limit / 2 || needed.has(log))) {
        this.paused.delete(log);
        this.source.resume(this.topicName(log.topicId), log.partition);
      }
    }
  }

  /** Fetching is slowed on purpose. */
  get active(): boolean {
    return this.paused.size > 0;
  }
}
