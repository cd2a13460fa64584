// Staged messages of one partition, in offset order: a queue of pages (cdc/envelope/page.ts), of which the first may be taken in part.
// `effective` is the running maximum of sequences: it never falls, so what a cut takes from a partition is always a prefix.
//
// The cut reads only a page's columns (seq, ord, op, disposition, effective, offset); a page's bytes are read when it has been taken.

import type { Page } from '../../../cdc/envelope/page.ts';
import { APPLIED, CONTROL } from '../../../lake/store/batch.ts';
import type { PageRun } from '../../../lake/store/record-batch.ts';
import { EventRuns } from './event-runs.ts';
import type { PartitionRegistration, PartitionRole } from './record.ts';

/** A captured table as the cut sees it: its partitions, and whether its shape is known. */
export class CapturedTable {
  readonly index: number;
  /** As END records name it: `bank.accounts`. */
  readonly collection: string;
  readonly partitions: PartitionLog[] = [];
  /** Its schema is known: rows can be applied. */
  ready = false;
  /** Nobody knows its schema, and no transaction counts rows of it: its records are taken to be parked. */
  unknown = false;
  /** Transaction that lacked events when all known partitions were past it, and the last look at partitions begun before. */
  short: { readonly seq: number; readonly listing: number } | null = null;
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
  readonly late: boolean;
  /** Null unless the role is 'table'. */
  readonly table: CapturedTable | null;
  readonly runs = new EventRuns();
  /** Memory of the pages that still hold a staged message. */
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
  private readonly pages: Page[] = [];
  /** Messages appended before each page. */
  private readonly starts: number[] = [];
  private appended = 0;
  /** First staged message in the first page. */
  private head = 0;
  private takenMarkSeq: number;
  private takenMarkOrd: number;

  constructor(registration: PartitionRegistration, table: CapturedTable | null) {
    this.topicId = registration.topicId;
    this.partition = registration.partition;
    this.role = registration.role;
    this.signals = registration.signals === true;
    this.late = registration.late === true;
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

  /** Staged messages. */
  get staged(): number {
    return this.pages.length === 0 ? 0 : this.appended - this.starts[0]! - this.head;
  }

  /** Offset of the first staged message, or the next one to arrive. */
  get headOffset(): number {
    return this.expectedOffset - this.staged;
  }

  /** Pages that hold staged messages, oldest first. */
  get stagedPages(): readonly Page[] {
    return this.pages;
  }

  /** The event is staged here. */
  holds(seq: number, ord: number): boolean {
    return this.pages.some((page, number) => {
      if (page.effective[page.count - 1]! < seq || page.effective[0]! > seq) return false;
      const from = number === 0 ? this.head : 0;
      return page.seq.some((found, i) => i >= from && found === seq && page.ord[i] === ord && page.disposition[i] === APPLIED);
    });
  }

  /**
   * Nothing new of a transaction at or below `seq` can arrive here any more. Where keys have moved between partitions, Connect may emit
   * again here, behind later records, what it had emitted to another partition and was lost there: then only a proof tells.
   */
  passed(seq: number): boolean {
    if (this.provenThrough >= seq) return true;
    return this.effective > seq && this.table?.partitions.some(({ late }) => late) !== true;
  }

  /** A record without a key (TRUNCATE) may come here when it is emitted again, behind later ones, and another partition had it before. */
  get takesStrays(): boolean {
    return this.table !== null && this.table.partitions.length > 1;
  }

  /** Effective sequence of the first staged message, Infinity when there is none. */
  get firstEffective(): number {
    return this.pages[0]?.effective[this.head] ?? Number.POSITIVE_INFINITY;
  }

  /** Rows of the first snapshot stand in front and the table's shape is not known yet: nothing can be taken. */
  get blocked(): boolean {
    return this.table !== null && !this.table.ready && !this.table.unknown && this.firstEffective < 0;
  }

  /** Raises mark and effective sequence to a place that was never seen before. */
  raise(seq: number, ord: number): void {
    this.markSeq = seq;
    this.markOrd = ord;
    if (seq > this.effective) this.effective = seq;
  }

  /** Sets what the verdict found for a message of a page that is about to be staged. */
  place(page: Page, index: number, disposition: number): void {
    this.pristine = false;
    page.seq[index] = this.placeSeq;
    page.ord[index] = this.placeOrd;
    page.disposition[index] = disposition;
    page.effective[index] = this.effective;
  }

  /** Stages a page, all messages of which have been placed. */
  append(page: Page): void {
    this.pages.push(page);
    this.starts.push(this.appended);
    this.appended += page.count;
    this.bytes += page.byteLength;
  }

  /** The newest page has given its bytes away. */
  relieve(bytes: number): void {
    this.bytes -= bytes;
  }

  /** Staged messages with an effective sequence at or below `seq`. */
  countThrough(seq: number): number {
    const { pages } = this;
    let low = 0;
    let high = pages.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const page = pages[middle]!;
      if (page.effective[page.count - 1]! <= seq) low = middle + 1;
      else high = middle;
    }
    if (low === pages.length) return this.staged;
    const through = this.starts[low]! + firstAbove(pages[low]!.effective, low === 0 ? this.head : 0, seq);
    return through - (this.appended - this.staged);
  }

  /** Effective sequence of the staged message `index`, counted from the first; undefined when there are fewer. */
  effectiveAt(index: number): number | undefined {
    if (index >= this.staged) return undefined;
    const wanted = this.appended - this.staged + index;
    let low = 0;
    let high = this.pages.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.starts[middle]! <= wanted) low = middle;
      else high = middle - 1;
    }
    return this.pages[low]!.effective[wanted - this.starts[low]!];
  }

  /** The pages that the first `count` staged messages stand in, each with where they begin and end in it. */
  *stagedRuns(count: number): Generator<{ readonly page: Page; readonly from: number; readonly to: number }> {
    let left = count;
    for (let number = 0, from = this.head; left > 0; number += 1, from = 0) {
      const page = this.pages[number]!;
      const to = Math.min(page.count, from + left);
      yield { page, from, to };
      left -= to - from;
    }
  }

  /** Removes the first `count` messages; returns them and the mark a commit of them must record. */
  drop(count: number): { runs: PageRun[]; markSeq: number; markOrd: number } {
    const runs: PageRun[] = [];
    let left = count;
    let emptied = 0;
    while (left > 0) {
      const page = this.pages[emptied]!;
      const taken = Math.min(left, page.count - this.head);
      runs.push({ topicId: this.topicId, page, from: this.head, count: taken });
      this.raiseTakenMark(page, this.head, this.head + taken);
      left -= taken;
      this.head += taken;
      if (this.head < page.count) break;
      this.head = 0;
      this.bytes -= page.byteLength;
      emptied += 1;
    }
    this.pages.splice(0, emptied);
    this.starts.splice(0, emptied);
    return { runs, markSeq: this.takenMarkSeq, markOrd: this.takenMarkOrd };
  }

  private raiseTakenMark(page: Page, from: number, to: number): void {
    for (let i = from; i < to; i += 1) {
      const disposition = page.disposition[i]!;
      const seq = page.effective[i]!;
      if ((disposition !== APPLIED && disposition !== CONTROL) || seq < 0 || seq < this.takenMarkSeq) continue;
      const ord = page.seq[i] === seq ? page.ord[i]! : 0;
      if (seq > this.takenMarkSeq) {
        this.takenMarkSeq = seq;
        this.takenMarkOrd = ord;
      } else if (ord > this.takenMarkOrd) this.takenMarkOrd = ord;
    }
  }
}

/** First index from `from` on whose value is above `seq`; values never fall. */
function firstAbove(values: Float64Array, from: number, seq: number): number {
  let low = from;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
