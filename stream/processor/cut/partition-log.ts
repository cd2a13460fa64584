// Staged messages of one partition, in offset order, as parallel arrays: nothing is allocated per message.
// `effective` is the running maximum of sequences: it never falls, so what a cut takes from a partition is always a prefix.

import { APPLIED, CONTROL } from '../../../lake/store/batch.ts';
import { EventRuns } from './event-runs.ts';
import type { PartitionRole, StagedMessage } from './record.ts';

/** Staged messages up to which the lingering ones are copied. */
const LINGERING_MAX = 1_000;
const COMPACT_AT = 4_096;

export interface PartitionRegistration {
  readonly topicId: number;
  readonly partition: number;
  readonly role: PartitionRole;
  /** Table as END records name it (`bank.accounts`); null for the other roles. */
  readonly collection: string | null;
  /** It is the table of Debezium's signals: its transactions are the watermarks of incremental snapshots. */
  readonly signals?: boolean;
  /** Offset expected first; null accepts whatever comes first. */
  readonly nextOffset: bigint | null;
  /** Mark of the last commit: the greatest (seq, ord) taken from the partition; (-1, -1) at first. */
  readonly markSeq: number;
  readonly markOrd: number;
  /**
   * Unreadable records committed since the mark (parked with `seq` equal to the mark's): one of them may have been an event of a
   * transaction that is not committed yet.
   */
  readonly unreadableAtMark?: number;
}

/** A captured table as the cut sees it: its partitions, and whether its shape is known. */
export class CapturedTable {
  readonly index: number;
  /** As END records name it: `bank.accounts`. */
  readonly collection: string;
  readonly partitions: PartitionLog[] = [];
  /** Its schema is known: rows can be applied. */
  ready = false;
  /** Declared as not captured: what ENDs count of it is left out. */
  ignored = false;
  /** Sequences of the TRUNCATEs seen in this session, over all partitions. */
  readonly truncates = new Set<number>();

  constructor(index: number, collection: string) {
    this.index = index;
    this.collection = collection;
  }
}

export class PartitionLog {
  readonly topicId: number;
  readonly partition: number;
  readonly role: PartitionRole;
  readonly signals: boolean;
  /** Null unless the role is 'table'. */
  readonly table: CapturedTable | null;
  readonly runs = new EventRuns();
  messages: StagedMessage[] = [];
  seqs: number[] = [];
  ords: number[] = [];
  ops: number[] = [];
  dispositions: number[] = [];
  effectives: number[] = [];
  /** Index of the first message still staged. */
  head = 0;
  /** Bytes of the staged values. */
  bytes = 0;
  /** Next offset that may arrive; -1 when any may. */
  expectedOffset: number;
  /** Greatest (seq, ord) seen: an event at or below it was seen before. */
  markSeq: number;
  markOrd: number;
  /** Effective sequence of the message last staged. */
  effective: number;
  /** Read from its first offset, and nothing staged yet. */
  pristine: boolean;
  /** Sequence up to which nothing new can come any more, by proof of the caller. */
  provenThrough = -1;
  /** Place of the message being staged. */
  placeSeq = -1;
  placeOrd = 0;
  private takenMarkSeq: number;
  private takenMarkOrd: number;
  /** Messages below `lingering` have been staged for a while, those below `settled` since `age` was called last. */
  private lingering = 0;
  private settled = 0;
  /** Messages below it have their own copy of the bytes. */
  private copied = 0;

  constructor(registration: PartitionRegistration, table: CapturedTable | null) {
    this.topicId = registration.topicId;
    this.partition = registration.partition;
    this.role = registration.role;
    this.signals = registration.signals === true;
    this.table = table;
    this.expectedOffset = registration.nextOffset === null ? -1 : Number(registration.nextOffset);
    this.pristine = this.expectedOffset <= 0;
    this.markSeq = registration.markSeq;
    this.markOrd = registration.markOrd;
    this.takenMarkSeq = registration.markSeq;
    this.takenMarkOrd = registration.markOrd;
    this.effective = registration.markSeq;
    for (let i = 0; i < (registration.unreadableAtMark ?? 0); i += 1) this.runs.addUnreadable(registration.markSeq);
  }

  get staged(): number {
    return this.messages.length - this.head;
  }

  /** Offset of the first staged message, or the next one to arrive. */
  get headOffset(): number {
    return this.expectedOffset - this.staged;
  }

  /** Nothing new of a transaction at or below `seq` can arrive here any more. */
  passed(seq: number): boolean {
    return this.effective > seq || this.provenThrough >= seq;
  }

  /** Rows of the first snapshot stand in front and the table's shape is not known yet: nothing can be taken. */
  get blocked(): boolean {
    return this.table !== null && !this.table.ready && this.staged > 0 && this.effectives[this.head]! < 0;
  }

  /** Raises mark and effective sequence to a place that was never seen before. */
  raise(seq: number, ord: number): void {
    this.markSeq = seq;
    this.markOrd = ord;
    if (seq > this.effective) this.effective = seq;
  }

  /** Stages a message at (placeSeq, placeOrd), which the verdict has set. */
  append(message: StagedMessage, op: number, disposition: number): void {
    this.pristine = false;
    this.messages.push(message);
    this.seqs.push(this.placeSeq);
    this.ords.push(this.placeOrd);
    this.ops.push(op);
    this.dispositions.push(disposition);
    this.effectives.push(this.effective);
    if (message.value !== null) this.bytes += message.value.length;
  }

  /** Staged messages with an effective sequence at or below `seq`. */
  countThrough(seq: number): number {
    let low = this.head;
    let high = this.effectives.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.effectives[middle]! <= seq) low = middle + 1;
      else high = middle;
    }
    return low - this.head;
  }

  /** Removes the first `count` messages; returns the mark a commit of them must record. */
  drop(count: number): { markSeq: number; markOrd: number } {
    const end = this.head + count;
    for (let i = this.head; i < end; i += 1) {
      const disposition = this.dispositions[i]!;
      this.bytes -= this.messages[i]!.value?.length ?? 0;
      if (disposition === APPLIED || disposition === CONTROL) this.raiseTakenMark(i);
    }
    this.head = end;
    this.compact();
    return { markSeq: this.takenMarkSeq, markOrd: this.takenMarkOrd };
  }

  private raiseTakenMark(index: number): void {
    const seq = this.effectives[index]!;
    if (seq < 0 || seq < this.takenMarkSeq) return;
    const ord = this.seqs[index] === seq ? this.ords[index]! : 0;
    if (seq > this.takenMarkSeq) {
      this.takenMarkSeq = seq;
      this.takenMarkOrd = ord;
    } else if (ord > this.takenMarkOrd) this.takenMarkOrd = ord;
  }

  /** Half of the arrays is dead before they are copied, so a message is moved once on average. */
  private compact(): void {
    const { head } = this;
    if (head < this.messages.length && (head < COMPACT_AT || head * 2 < this.messages.length)) return;
    this.messages = this.messages.slice(head);
    this.seqs = this.seqs.slice(head);
    this.ords = this.ords.slice(head);
    this.ops = this.ops.slice(head);
    this.dispositions = this.dispositions.slice(head);
    this.effectives = this.effectives.slice(head);
    this.lingering = Math.max(0, this.lingering - head);
    this.settled = Math.max(0, this.settled - head);
    this.copied = Math.max(0, this.copied - head);
    this.head = 0;
  }

  /** What was staged at the last call and is staged still counts as lingering from now on. */
  age(): void {
    this.lingering = this.settled;
    this.settled = this.messages.length;
  }

  /**
   * Copies the bytes of lingering messages: a value is a slice of a whole decompressed batch, which one staged message would keep
   * alive. With many staged, the batches are kept for their own sake, but for the one at the head, and copying gains nothing.
   * Returns the bytes copied.
   */
  copyLingering(): number {
    if (this.staged > LINGERING_MAX) return 0;
    let copiedBytes = 0;
    for (let i = Math.max(this.head, this.copied); i < this.lingering; i += 1) {
      const message = this.messages[i]!;
      const key = message.key === null ? null : Buffer.from(message.key);
      const value = message.value === null ? null : Buffer.from(message.value);
      copiedBytes += (key?.length ?? 0) + (value?.length ?? 0);
      this.messages[i] = { key, value, offset: message.offset, timestamp: message.timestamp, headers: message.headers };
    }
    this.copied = Math.max(this.copied, this.lingering);
    return copiedBytes;
  }
}
