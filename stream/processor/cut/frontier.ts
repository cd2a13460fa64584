// How far the source is completely known. Walks GTID numbers upwards and stops at the first that is not decided:
// a transaction whose END counts more than has been read, a number without any record, a DDL that may have more records.
// What is once decided stays decided, so every END is checked once when complete.

import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { IDLE, type CutState, type Hold } from './cut-state.ts';
import type { CapturedTable } from './partition-log.ts';

/** Moves `state.front` as far as it goes and says in `state.hold` what it waits for. */
export function advance(state: CutState): void {
  const { ends, controls } = state;
  let at = controls.firstAfter(state.front);
  for (;;) {
    const endSeq = ends.seqAt(ends.resolved);
    const controlSeq = controls.at(at)?.effective ?? Number.POSITIVE_INFINITY;
    const next = Math.min(endSeq, controlSeq);
    const hold = holdAt(state, next, at);
    state.hold = hold ?? IDLE;
    if (hold !== null || next === Number.POSITIVE_INFINITY) return;
    if (endSeq === next) ends.resolveNext();
    while (controls.at(at)?.effective === next) at += 1;
    state.front = next;
  }
}

function holdAt(state: CutState, next: number, control: number): Hold | null {
  if (next === Number.POSITIVE_INFINITY) return null;
  const missing = state.front + 1;
  if (next > missing && state.emptyThrough < next - 1) return { reason: 'gap', seq: Math.max(missing, state.emptyThrough + 1) };
  const hasEnd = state.ends.seqAt(state.ends.resolved) === next;
  return (
    holdOfControls(state, next, { from: control, hasEnd }) ??
    (hasEnd ? holdOfEnd(state, state.ends.resolved, state.controls.at(control)?.effective === next) : null)
  );
}

function holdOfControls(state: CutState, seq: number, { from, hasEnd }: { from: number; hasEnd: boolean }): Hold | null {
  for (let i = from; state.controls.at(i)?.effective === seq; i += 1) {
    const control = state.controls.at(i)!;
    const { table } = control.log;
    if (table !== null && table.partitions.some((log) => log.blocked)) return { reason: 'schema', seq, collections: [table.collection] };
    if (state.snapshotOpen) return { reason: 'snapshot', seq };
    if (state.proven < state.signalThrough(seq)) return { reason: 'signal', seq };
    if (!control.alone && !hasEnd && state.proven < seq) return { reason: 'statement', seq };
  }
  return null;
}

/** @param withControl a DDL has the same number (CREATE TABLE … AS SELECT): it makes the table known in the same cut */
function holdOfEnd(state: CutState, index: number, withControl: boolean): Hold | null {
  const { ends } = state;
  const seq = ends.seqAt(index);
  const { from, to } = ends.needsOf(index);
  for (let need = from; need < to; need += 1) {
    const table = state.tables[ends.needTable(need)]!;
    if (table.ignored) continue;
    if (table.partitions.length === 0)
      return { reason: 'topic', seq, collections: collectionsOf(state, index, (t) => t.partitions.length === 0) };
    if (!table.ready && !withControl) return { reason: 'schema', seq, collections: collectionsOf(state, index, (t) => !t.ready) };
    const wanted = ends.needCount(need);
    const got = countOf(table, seq);
    if (got >= wanted) continue;
    if (!table.partitions.every((log) => log.passed(seq))) return { reason: 'events', seq, collections: incomplete(state, index) };
    // What is missing was unreadable and is parked. One unreadable record may explain several transactions: which it was, nobody can tell.
    if (got + unreadableAt(table, seq) >= wanted) continue;
    if (!state.partitionsKnown(table, seq)) return { reason: 'topic', seq, collections: [table.collection] };
    throw shortTransaction(table, seq, `${got} of ${wanted}`);
  }
  return null;
}

function countOf(table: CapturedTable, seq: number): number {
  let got = 0;
  for (const log of table.partitions) got += log.runs.countOf(seq);
  return got;
}

function unreadableAt(table: CapturedTable, seq: number): number {
  return table.partitions.reduce((sum, log) => sum + log.runs.unreadableAt(seq), 0);
}

/** The partitions went on past the transaction, so the rest of it cannot come any more, and no unreadable record explains it. */
function shortTransaction(table: CapturedTable, seq: number, counts: string): LedgerflowError {
  return new LedgerflowError(
    'LF_CUT_HOLE',
    `transaction ${seq} has ${counts} events of ${table.collection}, and its partitions are past it`,
    {
      where: table.collection,
    },
  );
}

function collectionsOf(state: CutState, index: number, matches: (table: CapturedTable) => boolean): string[] {
  const { from, to } = state.ends.needsOf(index);
  const found: string[] = [];
  for (let need = from; need < to; need += 1) {
    const table = state.tables[state.ends.needTable(need)]!;
    if (!table.ignored && matches(table)) found.push(table.collection);
  }
  return found;
}

function incomplete(state: CutState, index: number): string[] {
  const { from, to } = state.ends.needsOf(index);
  const seq = state.ends.seqAt(index);
  const found: string[] = [];
  for (let need = from; need < to; need += 1) {
    const table = state.tables[state.ends.needTable(need)]!;
    if (!table.ignored && countOf(table, seq) < state.ends.needCount(need)) found.push(table.collection);
  }
  return found;
}
