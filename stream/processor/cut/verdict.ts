// New or seen before? Decides for one scanned message by its partition's mark and sets the place (sequence, order) it is staged at.
// Connect emits again what it had not recorded as sent when it died: the same places, in the same order, at new offsets.

import { KIND, type Page } from '../../../cdc/envelope/page.ts';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { APPLIED, CONTROL, DUPLICATE, PARKED, TOMBSTONE } from '../../../lake/store/batch.ts';
import type { CutState } from './cut-state.ts';
import type { PartitionLog } from './partition-log.ts';
import { OP_READ, OP_TRUNCATE } from './record.ts';

const TRUNCATES_REMEMBERED_MAX = 10_000;

/** One message of a page. */
export interface Judged {
  readonly page: Page;
  readonly index: number;
  /** Number of the captured table for each of the page's END collections. */
  readonly tables: readonly number[];
}

/**
 * The disposition of a message; sets the log's place, mark and effective sequence.
 * @throws LedgerflowError LF_CUT_HOLE when something new lies at or below the last cut, LF_CUT_ORDER when ENDs are out of order
 */
export function judge(state: CutState, log: PartitionLog, message: Judged): number {
  const { page, index } = message;
  log.placeSeq = page.seq[index]!;
  log.placeOrd = page.ord[index]!;
  switch (page.kind[index]) {
    case KIND.event:
      return judgeEvent(state, log);
    case KIND.end:
      return judgeEnd(state, log, message);
    case KIND.begin:
      if (log.placeSeq <= state.lastBegin) return DUPLICATE;
      state.lastBegin = log.placeSeq;
      return CONTROL;
    case KIND.snapshot:
      log.placeSeq = -1;
      return APPLIED;
    case KIND.outside:
      return judgeOutside(state, log, message);
    case KIND.ddl:
      return judgeDdl(state, log, message);
    case KIND.tombstone:
      return ride(log, TOMBSTONE);
    case KIND.unreadable:
      if (log.table !== null) log.runs.addUnreadable(log.effective);
      return ride(log, PARKED);
    case KIND.control:
      return ride(log, CONTROL);
    default:
      throw new TypeError(`a message of kind ${page.kind[index]}`);
  }
}

/** Without a place of its own: rides with the message before it. */
function ride(log: PartitionLog, disposition: number): number {
  log.placeSeq = log.effective;
  log.placeOrd = 0;
  return disposition;
}

function judgeEvent(state: CutState, log: PartitionLog): number {
  const { placeSeq: seq, placeOrd: ord } = log;
  if (seq < log.markSeq || (seq === log.markSeq && ord <= log.markOrd)) return DUPLICATE;
  if (isMovedDuplicate(state, log, seq, ord)) return DUPLICATE;
  if (seq <= state.through) {
    // No transaction that was taken counted rows of a table without a schema: this one is not the source's.
    if (log.table?.ready === false) return APPLIED;
    throw state.hole(log, seq, `event ${ord}`);
  }
  log.raise(seq, ord);
  log.runs.add(seq);
  if (log.signals) state.noteSignal(seq);
  return APPLIED;
}

/**
 * Partitions were added to the topic: an event emitted again may come to another partition than before, whose mark knows nothing of it.
 * At or below the last cut every event had come (its END was counted); above it, the other partitions hold what has come.
 */
function isMovedDuplicate(state: CutState, log: PartitionLog, seq: number, ord: number): boolean {
  const { table } = log;
  if (table === null || !table.partitions.some((other) => other.late)) return false;
  return seq <= state.through || table.partitions.some((other) => other !== log && other.holds(seq, ord));
}

function judgeEnd(state: CutState, log: PartitionLog, { page, index, tables }: Judged): number {
  const { ends } = page;
  if (ends === null) throw new TypeError('an END record needs its counts');
  const { placeSeq: seq } = log;
  if (seq <= state.lastEnd) {
    if (seq <= state.through || state.ends.has(seq)) return DUPLICATE;
    throw new LedgerflowError('LF_CUT_ORDER', `END of transaction ${seq} came after END of ${state.lastEnd}`, {
      where: `offset ${log.expectedOffset - 1}`,
    });
  }
  if (seq <= state.front) throw state.hole(log, seq, 'END');
  state.lastEnd = seq;
  log.raise(seq, 0);
  const to = ends.from[index + 1]!;
  let events = 0;
  for (let need = ends.from[index]!; need < to; need += 1) events += ends.events[need]!;
  state.ends.push(seq, events);
  for (let need = ends.from[index]!; need < to; need += 1) state.ends.need(tables[ends.collection[need]!]!, ends.events[need]!);
  return CONTROL;
}

function judgeOutside(state: CutState, log: PartitionLog, message: Judged): number {
  const seq = log.placeSeq;
  const op = message.page.op[message.index];
  if (op === OP_TRUNCATE) return judgeTruncate(state, log, message, seq);
  if (seq < log.markSeq) return DUPLICATE;
  if (op === OP_READ) {
    // A row of an incremental snapshot, read between two transactions: no END counts it, so it may come late. It carries the number of
    // the closing watermark, which has no event in this table: counting the rows gives each a place of its own, and one that is
    // emitted again the later place, so that it supersedes the first.
    if (seq <= log.provenThrough) return DUPLICATE;
    log.placeOrd = seq === log.markSeq ? log.markOrd + 1 : 1;
    log.raise(seq, log.placeOrd);
    return APPLIED;
  }
  if (seq <= state.through) {
    if (seq === log.markSeq) return DUPLICATE;
    throw state.hole(log, seq, 'row');
  }
  // An XA transaction: no BEGIN, END or order. Its rows keep the partition's order; the gap that its number leaves waits for proof.
  if (seq !== log.markSeq) state.xa.push({ topicId: log.topicId, seq });
  log.placeOrd = seq === log.markSeq ? log.markOrd + 1 : 1;
  log.raise(seq, log.placeOrd);
  return APPLIED;
}

/**
 * A TRUNCATE has no key: emitted again, it may come in another partition than before, even behind later events. With one partition
 * its mark decides; with several the sequences seen by this process do, and what an earlier process had passed it had applied.
 */
function judgeTruncate(state: CutState, log: PartitionLog, message: Judged, seq: number): number {
  const { table } = log;
  if (table === null) throw new TypeError('a TRUNCATE outside of a table topic');
  log.placeOrd = 0;
  const seenBefore = table.partitions.length === 1 ? seq <= log.markSeq : table.truncates.has(seq) || seq <= state.beganAt;
  if (seenBefore) return DUPLICATE;
  if (seq <= state.through) {
    // A table made and truncated before its topic was read: there is nothing to clear.
    if (table.partitions.every((other) => other.pristine)) return CONTROL;
    throw state.hole(log, seq, 'TRUNCATE');
  }
  table.truncates.add(seq);
  if (table.truncates.size > TRUNCATES_REMEMBERED_MAX) table.truncates.delete(table.truncates.values().next().value ?? seq);
  if (seq > log.markSeq) log.raise(seq, 0);
  state.controls.add({
    kind: 'truncate',
    seq,
    effective: seq,
    collection: table.collection,
    log,
    ...copyOf(message),
    alone: true,
    identity: '',
  });
  return CONTROL;
}

function judgeDdl(state: CutState, log: PartitionLog, message: Judged): number {
  const { placeSeq: seq } = log;
  const note = message.page.notes.get(message.index);
  const copy = copyOf(message);
  const identity = note?.identity ?? copy.value?.toString('latin1') ?? '';
  log.placeOrd = 0;
  if (seq >= 0) {
    if (seq < log.markSeq) return DUPLICATE;
    if (seq === log.markSeq && (seq <= state.through || state.controls.has(seq, identity))) return DUPLICATE;
    if (seq <= state.through) throw state.hole(log, seq, 'DDL');
    log.raise(seq, 0);
  }
  const alone = seq < 0 || note?.alone === true;
  state.controls.add({ kind: 'ddl', seq, effective: log.effective, collection: null, log, ...copy, alone, identity });
  return CONTROL;
}

/** Controls outlive their page. */
function copyOf({ page, index }: Judged): { value: Buffer | null; offset: number } {
  const value = page.value(index);
  return { value: value === null ? null : Buffer.from(value), offset: page.offset[index]! };
}
