// The heart's pure core: messages go in as they are fetched, whole source transactions come out in source order.
//   push(partition, page)               decides new or duplicate, counts, stages
//   nextCut(limits)                     the longest prefix of complete transactions, controls first (cut.ts)
//   take(cut)                           columns, offsets and marks for one commit (take.ts)
// No clock, no I/O. One Staging belongs to one source server; a change of the server's UUID is the caller's to report.
// docs/adr/0002 has the reasons.

import type { Page } from '../../../cdc/envelope/page.ts';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { toSeq, type Seq } from '../../../cdc/position.ts';
import type { Phase } from '../../../lake/store/batch.ts';
import { chooseCut, type Cut, type CutLimits } from './cut.ts';
import { CutState, type Hold } from './cut-state.ts';
import { advance } from './frontier.ts';
import { PartitionLog } from './partition-log.ts';
import type { PartitionRegistration } from './record.ts';
import { takeCut, type TakenCut } from './take.ts';
import { judge } from './verdict.ts';

export class Staging {
  private readonly state: CutState;
  private redeliveredCount = 0;
  /** Once read to its end, the first snapshot stays read: what stands in a strange topic later is none of its rows. */
  private streaming: boolean;

  /**
   * @param committed sequence of the last commit of the store; anything below 1 when there is none
   * @param phase 'bootstrap' while rows of the first snapshot may still come: DDL and TRUNCATE wait for the first proof
   */
  constructor(committed: number, phase: Phase) {
    this.state = new CutState(Math.max(0, committed), phase === 'bootstrap');
    this.streaming = phase === 'streaming';
  }

  /** Sequence of the last cut taken. */
  get through(): Seq {
    return toSeq(this.state.through);
  }

  /** 'bootstrap' until a proof says that the first snapshot is read, and its rows are taken: what the next commit should record. */
  get phase(): Phase {
    if (this.streaming) return 'streaming';
    const rowsLeft = this.state.partitions.some((log) => log.role === 'table' && log.firstEffective < 0);
    this.streaming = !this.state.snapshotOpen && !rowsLeft;
    return this.streaming ? 'streaming' : 'bootstrap';
  }

  /** Messages that Kafka delivered a second time at the same offset: not staged. */
  get redelivered(): number {
    return this.redeliveredCount;
  }

  get partitions(): readonly PartitionLog[] {
    return this.state.partitions;
  }

  /**
   * Adds a partition, at the start or later, all of one topic together; the result is the handle for `push`.
   * A table begins unready: rows of the first snapshot and ENDs that count it wait until `setReady`.
   */
  addPartition(registration: PartitionRegistration): PartitionLog {
    const { role, collection, markSeq } = registration;
    if ((role === 'table') !== (collection !== null)) throw new TypeError('a table topic, and no other, has a collection');
    const log = new PartitionLog(registration, collection === null ? null : this.state.table(collection));
    this.state.partitions.push(log);
    log.table?.partitions.push(log);
    if (log.signals) this.state.noteSignal(markSeq);
    if (role === 'transaction') {
      this.state.lastEnd = Math.max(this.state.lastEnd, markSeq);
      this.state.lastBegin = Math.max(this.state.lastBegin, markSeq);
    }
    return log;
  }

  /** Somebody begins to look which partitions the topics have; the result is for `listingEnds`. */
  listingBegins(): number {
    return (this.state.listingsBegun += 1);
  }

  /** Every partition that there was when the look began is added. Only then events can be missing for good. */
  listingEnds(listing: number): void {
    this.state.listed = Math.max(this.state.listed, listing);
  }

  /** The table's shape is known from now on (or no longer, after a DROP). */
  setReady(collection: string, ready = true): void {
    const table = this.state.table(collection);
    table.ready = ready;
    table.unknown = false;
  }

  /** No schema of the table is known, nor expected: what its topic holds is taken, for the caller to park. */
  setUnknown(collection: string): void {
    this.state.table(collection).unknown = true;
  }

  /** The table is not captured: what ENDs count of it is left out. */
  ignoreTable(collection: string): void {
    this.state.table(collection).ignored = true;
  }

  /**
   * Stages a page. Messages at offsets below the expected one were staged before and are skipped.
   * @throws LedgerflowError LF_OFFSET_HOLE, LF_CUT_HOLE, LF_CUT_ORDER
   */
  push(log: PartitionLog, page: Page): void {
    const fresh = log.expectedOffset < 0 ? page : this.unseen(log, page);
    if (fresh.count === 0) return;
    const tables = fresh.ends?.collections.map((collection) => this.state.table(collection).index) ?? [];
    for (let index = 0; index < fresh.count; index += 1) {
      const offset = fresh.offset[index]!;
      if (offset !== log.expectedOffset && log.expectedOffset >= 0) throw offsetHole(log, offset);
      log.expectedOffset = offset + 1;
      log.place(fresh, index, judge(this.state, log, { page: fresh, index, tables }));
    }
    log.append(fresh);
  }

  /** Kafka may deliver an offset again; offsets of a page ascend. */
  private unseen(log: PartitionLog, page: Page): Page {
    let from = 0;
    while (from < page.count && page.offset[from]! < log.expectedOffset) from += 1;
    this.redeliveredCount += from;
    return from === 0 ? page : page.tail(from);
  }

  /**
   * Nothing new at or below `seq` is still to come on any partition, and the first snapshot is read to its end.
   * `proveRead` says when that is so.
   */
  prove(seq: number): void {
    const { state } = this;
    state.snapshotOpen = false;
    state.proven = Math.max(state.proven, seq);
    for (const log of state.partitions) log.provenThrough = Math.max(log.provenThrough, seq);
  }

  /**
   * Proves what can be proven from Connect's records. Connect has recorded an offset of the streaming phase (no `snapshot` in it) whose
   * GTID set reaches `reach`; after that the end offset of every partition was asked for. A partition read to that end holds nothing
   * more at or below `reach`, any other nothing below its newest transaction: so a partition that is paused does not stand in the way
   * of the number that is waited for. Call again as more is read, until it returns `reach`.
   * @param endOf end offset of a partition at that time; undefined for one added later
   * @returns how far it is proven now; negative when not at all
   */
  proveRead(reach: number, endOf: (log: PartitionLog) => number | undefined): number {
    let seq = reach;
    for (const log of this.state.partitions) {
      if (log.role === 'other') continue;
      const end = endOf(log);
      if (end === undefined || Math.max(0, log.expectedOffset) < end) seq = Math.min(seq, log.takesStrays ? -1 : log.effective - 1);
    }
    if (seq >= 0) this.prove(seq);
    return seq;
  }

  /** The first snapshot was taken at GTID set 1-`seq`: no number at or below it will have a record of its own. */
  streamsAfter(seq: number): void {
    this.state.base = Math.max(this.state.base, seq);
  }

  /** Partitions that may still bring something at or below `seq`: read these to their end for a proof, and never pause them. */
  partitionsBefore(seq: number): PartitionLog[] {
    const mayBring = (log: PartitionLog): boolean => !log.passed(seq) || (log.takesStrays && log.provenThrough < seq);
    return this.state.partitions.filter((log) => log.role !== 'other' && mayBring(log));
  }

  /** A cut will end exactly at `seq`; false when a cut has passed it already. */
  cutAt(seq: number): boolean {
    const barrier = toSeq(seq);
    if (barrier <= this.state.through) return false;
    if (!this.state.barriers.includes(barrier)) this.state.barriers = [...this.state.barriers, barrier].sort((a, b) => a - b);
    return true;
  }

  /**
   * The next cut, or null when nothing can be taken. Staging is not changed: the caller may wait and ask again.
   * @throws LedgerflowError LF_CUT_HOLE when events that an END counts cannot come any more
   */
  nextCut(limits: CutLimits): Cut | null {
    return chooseCut(this.state, limits);
  }

  /** Takes the cut that `nextCut` returned last. */
  take(cut: Cut): TakenCut {
    return takeCut(this.state, cut);
  }

  /** What the cut waits for, and the partitions that must go on being read for it. */
  waiting(): { readonly hold: Hold; readonly partitions: readonly PartitionLog[] } {
    advance(this.state);
    const { hold, partitions } = this.state;
    return { hold, partitions: hold.reason === 'idle' ? partitions.filter((log) => log.role !== 'table') : this.neededFor(hold) };
  }

  private neededFor(hold: Exclude<Hold, { reason: 'idle' }>): PartitionLog[] {
    const needed = this.partitionsBefore(hold.seq);
    if (hold.reason !== 'events') return needed;
    const short = needed.filter((log) => log.table !== null && hold.collections.includes(log.table.collection));
    // What is short may have been unreadable; that is proven once every partition is read as far as the transaction.
    if (short.some((log) => log.runs.unreadableAt(hold.seq) > 0)) return needed;
    return needed.filter((log) => log.table === null || short.includes(log));
  }
}

function offsetHole(log: PartitionLog, offset: number): LedgerflowError {
  return new LedgerflowError('LF_OFFSET_HOLE', `offset ${log.expectedOffset} was expected and ${offset} came`, {
    where: `${log.table?.collection ?? log.role}/${log.partition}`,
  });
}
