// New or seen before? Decides for one scanned message by its partition's mark and sets the place (sequence, order) it is staged at.
// Connect emits again what it had not recorded as sent when it died: the same places, in the same order, at new offsets.

import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { APPLIED, CONTROL, DUPLICATE, PARKED, TOMBSTONE } from '../../../lake/store/batch.ts';
import type { CutState } from './cut-state.ts';
import type { PartitionLog } from './partition-log.ts';
import { OP_READ, OP_TRUNCATE, type Scanned, type StagedMessage } from './record.ts';

const TRUNCATES_REMEMBERED_MAX = 10_000;

/**
 * The disposition of a message; sets the log's place, mark and effective sequence.
 * @throws LedgerflowError LF_CUT_HOLE when something new lies at or below the last cut, LF_CUT_ORDER when ENDs are out of order
 */
export function judge(state: CutState, log: PartitionLog, message: StagedMessage, scanned: Scanned): number {
  log.placeSeq = scanned.seq;
  log.placeOrd = scanned.ord;
  switch (scanned.kind) {
    case 'event':
      return judgeEvent(state, log, scanned);
    case 'end':
      return judgeEnd(state, log, scanned);
    case 'begin':
      if (scanned.seq <= state.lastBegin) return DUPLICATE;
      state.lastBegin = scanned.seq;
      return CONTROL;
    case 'snapshot':
      log.placeSeq = -1;
      return APPLIED;
    case 'outside':
      return judgeOutside(state, log, message, scanned);
    case 'ddl':
      return judgeDdl(state, log, message, scanned);
    case 'tombstone':
      return ride(log, TOMBSTONE);
    case 'unreadable':
      if (log.table !== null) log.runs.addUnreadable(log.effective);
      return ride(log, PARKED);
    case 'control':
      return ride(log, CONTROL);
  }
}

/** Without a place of its own: rides with the message before it. */
function ride(log: PartitionLog, disposition: number): number {
  log.placeSeq = log.effective;
  log.placeOrd = 0;
  return disposition;
}

function judgeEvent(state: CutState, log: PartitionLog, { seq, ord }: Scanned): number {
  if (seq < log.markSeq || (seq === log.markSeq && ord <= log.markOrd)) return DUPLICATE;
  if (seq <= state.through) throw state.hole(log, seq, `event ${ord}`);
  log.raise(seq, ord);
  log.runs.add(seq);
  if (log.signals) state.lastSignal = seq;
  return APPLIED;
}

function judgeEnd(state: CutState, log: PartitionLog, { seq, end }: Scanned): number {
  if (end === undefined) throw new TypeError('an END record needs its counts');
  if (seq <= state.lastEnd) {
    if (seq <= state.through || state.ends.has(seq)) return DUPLICATE;
    throw new LedgerflowError('LF_CUT_ORDER', `END of transaction ${seq} came after END of ${state.lastEnd}`, {
      where: `offset ${log.expectedOffset - 1}`,
    });
  }
  if (seq <= state.front) throw state.hole(log, seq, 'END');
  state.lastEnd = seq;
  log.raise(seq, 0);
  state.ends.push(seq, end.event_count);
  if (end.event_count > 0 && end.data_collections !== null) {
    for (const { data_collection, event_count } of end.data_collections) state.ends.need(state.table(data_collection).index, event_count);
  }
  return CONTROL;
}

function judgeOutside(state: CutState, log: PartitionLog, message: StagedMessage, { seq, op }: Scanned): number {
  if (op === OP_TRUNCATE) return judgeTruncate(state, log, message, seq);
  if (seq < log.markSeq) return DUPLICATE;
  if (op === OP_READ) {
    // A row of an incremental snapshot, read between two transactions: no END counts it, so it may come late. Emitted again it may be
    // applied again: the same row at the same position.
    if (seq <= log.provenThrough) return DUPLICATE;
    log.placeOrd = 0;
    if (seq > log.markSeq) log.raise(seq, 0);
    return APPLIED;
  }
  if (seq <= state.through) {
    if (seq === log.markSeq) return DUPLICATE;
    throw state.hole(log, seq, 'row');
  }
  // An XA transaction: no BEGIN, END or order. Its rows keep the partition's order; the gap that its number leaves waits for proof.
  log.placeOrd = seq === log.markSeq ? log.markOrd + 1 : 1;
  log.raise(seq, log.placeOrd);
  return APPLIED;
}

/**
 * A TRUNCATE has no key: emitted again, it may come in another partition than before, even behind later events. With one partition
 * its mark decides; with several the sequences seen by this process do, and what an earlier process had passed it had applied.
 */
function judgeTruncate(state: CutState, log: PartitionLog, message: StagedMessage, seq: number): number {
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
  state.controls.add({ kind: 'truncate', seq, effective: seq, collection: table.collection, log, message, alone: true, identity: '' });
  return CONTROL;
}

function judgeDdl(state: CutState, log: PartitionLog, message: StagedMessage, scanned: Scanned): number {
  const { seq } = scanned;
  const identity = scanned.identity ?? message.value?.toString('latin1') ?? '';
  log.placeOrd = 0;
  if (seq >= 0) {
    if (seq < log.markSeq) return DUPLICATE;
    if (seq === log.markSeq && (seq <= state.through || state.controls.has(seq, identity))) return DUPLICATE;
    if (seq <= state.through) throw state.hole(log, seq, 'DDL');
    log.raise(seq, 0);
  }
  const alone = seq < 0 || scanned.alone === true;
  state.controls.add({ kind: 'ddl', seq, effective: log.effective, collection: null, log, message, alone, identity });
  return CONTROL;
}
