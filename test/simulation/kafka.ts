// Kafka and Connect in memory. Connect reads the history in order; what it emits becomes visible partition by partition, in any order
// between them. It dies and goes on from the offset it recorded, so a stretch is written again.

import type { History, SourceRecord } from '../../stream/processor/cut/testing/history.ts';
import { MADE, PARTITIONS_OF, TABLES } from '../../stream/processor/cut/testing/history.ts';
import { offsetMessage, OFFSETS_TOPIC, TABLE_NAMES, type Messages, type SimMessage } from './messages.ts';
import { DATABASE, PREFIX } from './messages.ts';

export interface LogRecord extends SimMessage {
  /** Index in the history; -1 for Connect's own. */
  readonly index: number;
}

export interface Partition {
  readonly topic: string;
  readonly partition: number;
  readonly log: LogRecord[];
  /** Emitted, not written yet. */
  waiting: LogRecord[];
}

export class SimKafka {
  readonly partitions: Partition[] = [];
  private readonly byTopic = new Map<string, Partition[]>();

  constructor() {
    this.add(OFFSETS_TOPIC, 1);
    this.add(`${PREFIX}.transaction`, 1);
    this.add(PREFIX, 1);
    TABLES.forEach((_, table) => this.add(`${PREFIX}.${DATABASE}.${TABLE_NAMES[table]!}`, PARTITIONS_OF[table]!));
  }

  private add(topic: string, count: number): void {
    const partitions = Array.from({ length: count }, (_, partition) => ({ topic, partition, log: [], waiting: [] }));
    this.partitions.push(...partitions);
    this.byTopic.set(topic, partitions);
  }

  of(topic: string): readonly Partition[] {
    return this.byTopic.get(topic) ?? [];
  }

  /** The topic of a table that is made later is not there before its first message. */
  topics(): string[] {
    const made = `${PREFIX}.${DATABASE}.${TABLE_NAMES[MADE]!}`;
    return [...this.byTopic].filter(([topic, parts]) => topic !== made || parts.some(({ log }) => log.length > 0)).map(([topic]) => topic);
  }
}

export class SimConnect {
  /** Next record of the history to be emitted. */
  private next = 0;
  /** Records below it are in Kafka, as Connect has recorded. */
  private recorded = 0;
  private generation = 1;
  private readonly kafka: SimKafka;
  private readonly history: History;
  private readonly messages: Messages;

  constructor(kafka: SimKafka, history: History, messages: Messages) {
    this.kafka = kafka;
    this.history = history;
    this.messages = messages;
  }

  get finished(): boolean {
    return this.next >= this.history.records.length && this.kafka.partitions.every(({ waiting }) => waiting.length === 0);
  }

  emit(count: number, n: number): void {
    const { snapshotRecords } = this.history;
    for (let i = 0; i < count && this.next < this.history.records.length; i += 1, this.next += 1) {
      // It streams once the end of the snapshot is recorded. Killed in the second before that, the real one takes a new snapshot of a
      // later state, which this source cannot show.
      if (this.next === snapshotRecords && this.recorded < snapshotRecords) return;
      const record = this.history.records[this.next]!;
      const message = this.messages.messageOf(this.next, this.generation);
      this.partitionOf(record, n).waiting.push({ ...message, index: this.next });
    }
  }

  /** A record without key goes to any partition, at each emission to another. */
  private partitionOf(record: SourceRecord, n: number): Partition {
    const partitions = this.kafka.of(this.messages.topicOf(record));
    return partitions[(record.key ?? n) % partitions.length]!;
  }

  /** The first `count` waiting messages of a partition are written. */
  write(place: number, count: number): void {
    const partition = this.kafka.partitions[place % this.kafka.partitions.length]!;
    partition.log.push(...partition.waiting.splice(0, count));
  }

  /** Records the offset up to which everything is in Kafka. */
  record(): void {
    let reached = this.next;
    for (const { waiting } of this.kafka.partitions) for (const { index } of waiting) reached = Math.min(reached, index);
    this.recorded = Math.max(this.recorded, reached);
    const snapshot = this.recorded < this.history.snapshotRecords;
    const through = snapshot ? this.history.base : this.completeThrough(this.recorded);
    this.kafka.of(OFFSETS_TOPIC)[0]!.log.push({ ...offsetMessage(through, snapshot), index: -1 });
  }

  /** Last transaction of which no record at or behind `index` is to come. */
  private completeThrough(index: number): number {
    for (let at = index; at < this.history.records.length; at += 1) {
      const { seq, hiddenSeq } = this.history.records[at]!;
      if ((hiddenSeq ?? seq) >= 0) return (hiddenSeq ?? seq) - 1;
    }
    return this.history.last;
  }

  /** Dies with what is not written; a first snapshot that was not finished begins again. */
  kill(again: number): void {
    for (const partition of this.kafka.partitions) partition.waiting = [];
    if (this.recorded < this.history.snapshotRecords) {
      this.next = 0;
      this.generation += 1;
    } else this.next = Math.max(this.history.snapshotRecords, Math.min(this.next, this.recorded) - again);
  }
}
