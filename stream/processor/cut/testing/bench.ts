// A staging of one source with tables a (one partition) and b (two), and short words for what arrives: for examples.

import type { PagePlace } from '../../../../cdc/envelope/page-writer.ts';
import type { PartitionLog } from '../partition-log.ts';
import { Staging } from '../staging.ts';
import { pageOf, type TestMessage } from './page-of.ts';

export const A = 'bank.a';
export const B = 'bank.b';
export const LIMITS = { recordsMax: 1_000 };

export class Bench {
  readonly staging: Staging;
  readonly t: PartitionLog;
  readonly s: PartitionLog;
  readonly a: PartitionLog;
  readonly b: readonly PartitionLog[];
  readonly heartbeats: PartitionLog;

  constructor(committed = 10, phase: 'bootstrap' | 'streaming' = 'streaming') {
    this.staging = new Staging(committed, phase);
    this.t = this.add('transaction', null, committed);
    this.s = this.add('schema', null, -1);
    this.a = this.add('table', A, -1);
    this.b = [this.add('table', B, -1), this.add('table', B, -1)];
    this.heartbeats = this.add('other', null, -1);
    this.staging.setReady(A);
    this.staging.setReady(B);
  }

  private add(role: PartitionLog['role'], collection: string | null, markSeq: number): PartitionLog {
    const topicId = this.staging.partitions.length;
    return this.staging.addPartition({ topicId, partition: 0, role, collection, nextOffset: 0n, markSeq, markOrd: -1 });
  }

  push(log: PartitionLog, place: PagePlace, message: Partial<TestMessage> = {}): void {
    this.staging.push(log, pageOf([{ value: Buffer.from('x'), offset: log.expectedOffset, ...message, place }]));
  }

  begin(seq: number): void {
    this.push(this.t, { kind: 'begin', seq, ord: 0, op: 0 });
  }

  end(seq: number, counts: Record<string, number> = {}): void {
    const data_collections = Object.entries(counts).map(([data_collection, event_count]) => ({ data_collection, event_count }));
    this.push(this.t, { kind: 'end', seq, ord: 0, op: 0, end: data_collections });
  }

  event(log: PartitionLog, seq: number, ord: number, op = 'c'): void {
    this.push(log, { kind: 'event', seq, ord, op: op.charCodeAt(0) });
  }

  outside(log: PartitionLog, seq: number, op: string): void {
    this.push(log, { kind: 'outside', seq, ord: 0, op: op.charCodeAt(0) });
  }

  ddl(seq: number, identity: string, alone = true): void {
    this.push(this.s, { kind: 'ddl', seq, ord: 0, op: 0, identity, alone });
  }

  plain(log: PartitionLog, kind: 'snapshot' | 'tombstone' | 'control' | 'unreadable'): void {
    this.push(log, { kind, seq: -1, ord: 0, op: 0 }, { value: kind === 'tombstone' ? null : Buffer.from('x') });
  }

  /** Sequence of the next cut, null when there is none; nothing is taken. */
  next(recordsMax = 1_000): number | null {
    return this.staging.nextCut({ recordsMax })?.seq ?? null;
  }

  take(recordsMax = 1_000) {
    const cut = this.staging.nextCut({ recordsMax });
    if (cut === null) throw new Error(`no cut: ${JSON.stringify(this.staging.waiting().hold)}`);
    return this.staging.take(cut);
  }

  hold() {
    return this.staging.waiting().hold;
  }
}
