// What Kafka holds of a history after Connect was killed now and then: at each kill some partitions lack their newest records, and
// Connect then emits again from a place before the first record that was lost. Every partition keeps the source's order.

import { PARTITIONS_OF, type History, type SourceRecord } from './history.ts';
import type { Random } from './random.ts';

export interface LogRecord extends SourceRecord {
  /** First time that the record is in Kafka. */
  readonly fresh: boolean;
}

export interface Kill {
  /** When, as a fraction of the streamed records. */
  readonly at: number;
  /** Records lost at the end of a partition, at most. */
  readonly lostMax: number;
  /** How many records before the first lost one are emitted again. */
  readonly again: number;
}

/** Partitions: 0 transaction, 1 schema, then those of the tables in order, last the heartbeats. */
export const LAYOUT: readonly { readonly table: number | null; readonly partition: number }[] = [
  { table: null, partition: 0 },
  { table: null, partition: 0 },
  ...PARTITIONS_OF.flatMap((count, table) => Array.from({ length: count }, (_, partition) => ({ table, partition }))),
  { table: null, partition: 0 },
];
export const HEARTBEATS = LAYOUT.length - 1;

export class Broker {
  readonly logs: LogRecord[][] = LAYOUT.map(() => []);
  private readonly seen = new Set<string>();
  private readonly history: History;
  private readonly random: Random;

  constructor(history: History, kills: readonly Kill[], random: Random) {
    this.history = history;
    this.random = random;
    this.emit(0, history.snapshotRecords, 0);
    const streamed = history.records.length - history.snapshotRecords;
    let from = history.snapshotRecords;
    for (const kill of [...kills].sort((a, b) => a.at - b.at)) {
      const until = history.snapshotRecords + Math.floor(kill.at * streamed);
      if (until <= from) continue;
      const firstLost = this.emit(from, until, kill.lostMax);
      from = Math.max(history.snapshotRecords, firstLost - kill.again);
    }
    this.emit(from, history.records.length, 0);
  }

  /** Writes records [from, to) except the last few of each partition; returns the first that was not written. */
  private emit(from: number, to: number, lostMax: number): number {
    const placed: number[][] = LAYOUT.map(() => []);
    for (let i = from; i < to; i += 1) placed[this.place(this.history.records[i]!)]!.push(i);
    let firstLost = to;
    const lost = new Set<number>();
    for (const indexes of placed) {
      const count = Math.min(indexes.length, this.random.below(lostMax + 1));
      for (const index of indexes.slice(indexes.length - count)) {
        lost.add(index);
        firstLost = Math.min(firstLost, index);
      }
    }
    placed.forEach((indexes, place) => {
      for (const index of indexes) if (!lost.has(index)) this.write(place, this.history.records[index]!);
    });
    if (this.random.chance(0.5))
      this.write(HEARTBEATS, { kind: 'control', topic: 'S', key: null, seq: -1, ord: 0, op: '', id: '', row: null });
    return firstLost;
  }

  private place(record: SourceRecord): number {
    if (record.topic === 'T') return 0;
    if (record.topic === 'S') return 1;
    const first = LAYOUT.findIndex(({ table }) => table === record.topic);
    const count = PARTITIONS_OF[record.topic]!;
    return first + (record.key === null ? this.random.below(count) : record.key % count);
  }

  private write(place: number, record: SourceRecord): void {
    this.logs[place]!.push({ ...record, fresh: !this.seen.has(record.id) });
    this.seen.add(record.id);
  }

  /**
   * What a proof may say of a processor that has read to `offsets`: no fresh record at or below it stands behind them, nor any record
   * that an earlier process had read already (`highs`), for a proof reads to the end offsets of now.
   */
  provableAt(offsets: readonly number[], highs: readonly number[]): number {
    let lowest = this.history.last + 1;
    this.logs.forEach((log, place) => {
      log.forEach((record, offset) => {
        const seq = record.hiddenSeq ?? record.seq;
        const mayCount = offset >= offsets[place]! && (record.fresh || offset < highs[place]!);
        if (mayCount && seq >= 0) lowest = Math.min(lowest, seq);
      });
    });
    return lowest - 1;
  }

  /** All rows of the first snapshot stand before these offsets. */
  snapshotRead(offsets: readonly number[]): boolean {
    return this.logs.every((log, place) =>
      log
        .slice(offsets[place])
        .every((record) => record.id === '' || record.kind === 'unreadable' || record.kind === 'tombstone' || record.seq >= 0),
    );
  }
}
