// Chooses the next cut: zero or more controls (DDL, TRUNCATE) directly behind the last cut, then whole transactions up to just before
// the next control. Pure: choosing changes nothing but what the frontier has learnt, so it can be asked again at any time.

import { toSeq, type Seq } from '../../../cdc/position.ts';
import type { StagedControl } from './control-list.ts';
import type { CutState } from './cut-state.ts';
import { advance } from './frontier.ts';
import type { PartitionLog } from './partition-log.ts';

export interface CutLimits {
  /** Messages in one cut, BEGIN and END included. One transaction may exceed it: it is never divided. */
  readonly recordsMax: number;
}

export interface Cut {
  /** The cut before it. */
  readonly from: Seq;
  /** Every transaction up to here is in this cut or an earlier one. */
  readonly seq: Seq;
  /** To be applied in this order before any row of the cut. */
  readonly controls: readonly StagedControl[];
  /** Messages to take from each partition, in the order of registration. */
  readonly pops: readonly number[];
  readonly records: number;
  /** Events that the ENDs of the cut count. */
  readonly events: number;
  /** Nothing but BEGIN, END and heartbeats: worth a commit now and then only. */
  readonly onlyEmpty: boolean;
  /** The barrier at which the cut ends. */
  readonly forcedBy: Seq | null;
}

/** BEGIN and END. */
const FRAME_RECORDS = 2;

/**
 * The next cut, or null when nothing can be taken.
 * @throws LedgerflowError LF_CUT_HOLE when a transaction has fewer events than its END counts and no more can come
 */
export function chooseCut(state: CutState, limits: CutLimits): Cut | null {
  advance(state);
  const left = leftBehind(state);
  if (left > limits.recordsMax) return partialCut(state, limits.recordsMax);
  const reach = reachOf(state, left, limits.recordsMax);
  const pops = state.partitions.map((log) => (log.blocked ? 0 : log.countThrough(reach.seq)));
  return makeCut(state, reach, pops);
}

/** Messages of tables at or below the last cut: rows of the first snapshot, late rows of an incremental one, duplicates. */
function leftBehind(state: CutState): number {
  let left = 0;
  for (const log of state.partitions) if (log.role === 'table' && log.staged > 0 && !log.blocked) left += log.countThrough(state.through);
  return left;
}

/** More is left behind than one commit should hold; no transaction depends on it, so it is taken in parts. */
function partialCut(state: CutState, recordsMax: number): Cut | null {
  let room = recordsMax;
  const pops = state.partitions.map((log) => {
    if (log.blocked) return 0;
    const ready = log.countThrough(state.through);
    if (log.role !== 'table') return ready;
    const taken = Math.min(ready, room);
    room -= taken;
    return taken;
  });
  return makeCut(state, { seq: state.through, controls: state.controls.firstAfter(state.through), events: 0, barrier: null }, pops);
}

interface Reach {
  readonly seq: number;
  /** Controls at or below it. */
  readonly controls: number;
  readonly events: number;
  readonly barrier: Seq | null;
}

/**
 * Walks from the last cut towards the frontier and stops before a control that follows data or the DDL of another transaction (what a
 * DDL means is looked up in the store as the one before has left it), at a barrier, or at the limit.
 */
function reachOf(state: CutState, left: number, recordsMax: number): Reach {
  const { ends, controls } = state;
  const barrier = state.barriers[0] ?? null;
  const limit = Math.min(state.front, barrier ?? Number.POSITIVE_INFINITY, lowestBlocked(state) - 1);
  const firstData = lowestStaged(state);
  let seq = state.through;
  let control = controls.firstAfter(seq);
  let end = ends.first;
  let records = left;
  let events = 0;
  let ddl = false;
  for (;;) {
    const controlSeq = controls.at(control)?.effective ?? Number.POSITIVE_INFINITY;
    const next = Math.min(controlSeq, ends.seqAt(end));
    if (next > limit) {
      if (barrier === limit) seq = limit;
      break;
    }
    if (controlSeq === next && (firstData < next || ddl)) {
      seq = Math.max(seq, next - 1);
      break;
    }
    if (ends.seqAt(end) === next) {
      const weight = ends.eventsAt(end) + FRAME_RECORDS;
      if (records > 0 && records + weight > recordsMax) break;
      records += weight;
      events += ends.eventsAt(end);
      end += 1;
    }
    for (; controls.at(control)?.effective === next; control += 1) ddl ||= controls.at(control)?.kind === 'ddl';
    seq = next;
  }
  return { seq, controls: control, events, barrier: barrier === seq ? barrier : null };
}

/**
 * Lowest effective sequence staged in a table that can be taken now, or once the immediate controls are applied: those may make
 * a table ready whose snapshot rows belong before the next control.
 */
function lowestStaged(state: CutState): number {
  const immediate = state.controls.firstAfter(state.through) > 0;
  let lowest = Number.POSITIVE_INFINITY;
  for (const log of state.partitions) {
    if (log.role === 'table' && log.staged > 0 && (immediate || !log.blocked)) lowest = Math.min(lowest, log.firstEffective);
  }
  return lowest;
}

/** Lowest sequence that stands behind snapshot rows of a table whose shape is not known: it cannot be taken, so no cut may pass it. */
function lowestBlocked(state: CutState): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const log of state.partitions) if (log.blocked) lowest = Math.min(lowest, log.effectiveAt(log.countThrough(-1)) ?? lowest);
  return lowest;
}

function makeCut(state: CutState, reach: Reach, pops: readonly number[]): Cut | null {
  let records = 0;
  for (const count of pops) records += count;
  if (records === 0 && reach.seq === state.through) return null;
  const controls: StagedControl[] = [];
  for (let i = 0; i < reach.controls; i += 1) controls.push(state.controls.at(i)!);
  const onlyEmpty = controls.length === 0 && !pops.some((count, i) => count > 0 && carriesData(state.partitions[i]!));
  return {
    from: toSeq(state.through),
    seq: toSeq(reach.seq),
    controls,
    pops,
    records,
    events: reach.events,
    onlyEmpty,
    forcedBy: reach.barrier,
  };
}

function carriesData(log: PartitionLog): boolean {
  return log.role === 'table' || log.role === 'schema';
}
