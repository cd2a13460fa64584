// The judge: applies every cut as a store would and compares it with the source history. Throws at the first difference.

import { APPLIED, PARKED, type PartitionProgress, type Phase } from '../../../../lake/store/batch.ts';
import type { TakenCut } from '../take.ts';
import type { Broker, LogRecord } from './broker.ts';
import { describe, TABLES, type History } from './history.ts';

/** What the store keeps: swapped as a whole, so a crash between two commits loses nothing and doubles nothing. */
export interface Stored {
  readonly seq: number;
  readonly bootstrap: boolean;
  readonly rows: readonly ReadonlyMap<number, string>[];
  readonly ready: readonly boolean[];
  readonly progress: ReadonlyMap<number, PartitionProgress>;
  readonly parkedAtMark: ReadonlyMap<number, number>;
  readonly snapshotRows: number;
  /** Last DDL, or TRUNCATE of the table, applied. */
  readonly control: readonly number[];
  readonly places: ReadonlySet<string>;
}

class Violation extends Error {}

export function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Violation(what);
}

export const NOTHING_STORED: Stored = {
  seq: 0,
  bootstrap: true,
  rows: TABLES.map(() => new Map<number, string>()),
  ready: TABLES.map(() => false),
  progress: new Map(),
  parkedAtMark: new Map(),
  snapshotRows: 0,
  control: TABLES.map(() => -1),
  places: new Set(),
};

interface RowState {
  readonly rows: readonly Map<number, string>[];
  readonly places: Set<string>;
  readonly control: readonly number[];
  readonly snapshotRows: number;
}

export class Judge {
  private readonly history: History;
  private readonly broker: Broker;

  constructor(history: History, broker: Broker) {
    this.history = history;
    this.broker = broker;
  }

  /** Applies a cut as the store would, checking it against the history. */
  apply(before: Stored, taken: TakenCut, phase: Phase): Stored {
    const { cut, records, progress } = taken;
    check(cut.from === before.seq && cut.seq >= cut.from, `cut ${cut.from}..${cut.seq} after ${before.seq}`);
    const rows = before.rows.map((table) => new Map(table));
    const ready = [...before.ready];
    const places = new Set(before.places);
    this.applyControls(taken, rows, ready);
    const control = before.control.map((last, t) => {
      const controls = cut.controls.filter(({ collection }) => collection === null || collection === TABLES[t]);
      return Math.max(last, ...controls.map(({ seq }) => seq));
    });
    const { got, snapshotRows } = this.applyRows(taken, { rows, places, control, snapshotRows: before.snapshotRows });
    const want = this.history.records
      .filter((record) => isRow(record) && record.seq > cut.from && record.seq <= cut.seq)
      .map((record) => record.id);
    check(got.sort().join() === want.sort().join(), `cut ${cut.from}..${cut.seq} holds ${got.join()} instead of ${want.join()}`);
    check(taken.dispositions.reduce((sum, count) => sum + count, 0) === records.count, 'dispositions do not add up');
    const saved = this.progressed(before, taken, progress);
    const allSnapshot = snapshotRows >= this.history.records.filter((record) => record.kind === 'snapshot').length;
    if (allSnapshot && cut.seq >= this.history.base)
      check(describe(rows) === this.history.stateAt(cut.seq), `the tables differ at ${cut.seq}`);
    return { seq: cut.seq, bootstrap: phase === 'bootstrap', rows, ready, snapshotRows, control, places, ...saved };
  }

  /** Returns the streamed rows that were applied for the first time. */
  private applyRows({ records }: TakenCut, now: RowState): { got: string[]; snapshotRows: number } {
    const { rows, places, control } = now;
    const got: string[] = [];
    let snapshotRows = now.snapshotRows;
    for (let i = 0; i < records.count; i += 1) {
      const record = this.recordAt(records.topicId[i]!, Number(records.offset[i]));
      if (records.disposition[i] !== APPLIED) continue;
      const { row } = record;
      check(row !== null, `${record.id} is not a row`);
      if (record.kind === 'snapshot' || record.op === 'r') {
        check(
          record.seq >= control[row.table]! || places.has(record.id),
          `${record.id} is applied after the control of ${control[row.table]}`,
        );
        places.add(record.id);
        if (record.kind === 'snapshot') snapshotRows += 1;
      } else {
        // Rows of an XA transaction have no order to know them by: emitted again before they are cut, they are applied again, in order.
        const again = places.has(record.id);
        check(!again || (record.kind === 'outside' && got.includes(record.id)), `${record.id} is applied twice`);
        places.add(record.id);
        if (!again) got.push(record.id);
      }
      if (row.value === null) rows[row.table]!.delete(row.key);
      else rows[row.table]!.set(row.key, row.value);
    }
    return { got, snapshotRows };
  }

  private applyControls({ cut, records }: TakenCut, rows: readonly Map<number, string>[], ready: boolean[]): void {
    const streamed: string[] = [];
    for (const control of cut.controls) {
      const record = this.recordAt(control.log.topicId, control.offset);
      if (record.seq >= 0) streamed.push(record.id);
      if (record.op === 't') rows[record.topic as number]!.clear();
      if (record.id.startsWith('create ')) {
        ready[Number(record.id.split(' ')[1])] = true;
      }
    }
    const want = this.history.records
      .filter((record) => isControl(record) && record.seq > cut.from && record.seq <= cut.seq)
      .map((record) => record.id);
    check(streamed.join() === want.join(), `cut ${cut.from}..${cut.seq} has the controls ${streamed.join()} instead of ${want.join()}`);
    const lastControl = Math.max(-1, ...cut.controls.map((control) => control.seq));
    for (let i = 0; i < records.count; i += 1) {
      if (records.disposition[i] !== APPLIED) continue;
      const seq = records.seq[i]!;
      check(lastControl < 0 || seq >= lastControl, `row of ${seq} in one cut with the control of ${lastControl}`);
    }
  }

  /** G1: offsets are contiguous; also what a restart needs to know. */
  private progressed(
    before: Stored,
    { records }: TakenCut,
    progress: readonly PartitionProgress[],
  ): Pick<Stored, 'progress' | 'parkedAtMark'> {
    const saved = new Map(before.progress);
    const parked = new Map(before.parkedAtMark);
    let at = 0;
    for (const entry of progress) {
      let next = saved.get(entry.topicId)?.nextOffset ?? 0n;
      const from = at;
      for (; at < records.count && records.topicId[at] === entry.topicId; at += 1) {
        check(records.offset[at] === Number(next), `offset ${records.offset[at]} after ${next - 1n}`);
        next += 1n;
      }
      check(next === entry.nextOffset, `partition ${entry.topicId} ends at ${next}, ${entry.nextOffset} is recorded`);
      let count = saved.get(entry.topicId)?.markSeq === entry.markSeq ? (parked.get(entry.topicId) ?? 0) : 0;
      for (let i = from; i < at; i += 1) if (records.disposition[i] === PARKED && records.seq[i] === entry.markSeq) count += 1;
      parked.set(entry.topicId, count);
      saved.set(entry.topicId, entry);
    }
    check(at === records.count, 'records of a partition without progress');
    return { progress: saved, parkedAtMark: parked };
  }

  private recordAt(place: number, offset: number): LogRecord {
    return this.broker.logs[place]![offset]!;
  }
}

function isRow(record: { kind: string; op: string }): boolean {
  return record.kind === 'event' || (record.kind === 'outside' && record.op === 'c');
}

function isControl(record: { kind: string; op: string; seq: number }): boolean {
  return record.seq >= 0 && (record.kind === 'ddl' || record.op === 't');
}
