// A processor as simple as can be around Staging, with a store in memory, and the judge of every cut. It delivers, cuts, commits,
// proves and dies as a seeded schedule says, and compares each cut with the source history.

import { APPLIED, PARKED, type PartitionProgress } from '../../../../lake/store/batch.ts';
import type { Staging } from '../staging.ts';
import type { PartitionLog } from '../partition-log.ts';
import type { StagedMessage } from '../record.ts';
import type { TakenCut } from '../take.ts';
import type { Broker } from './broker.ts';
import { HEARTBEATS, LAYOUT, type LogRecord } from './broker.ts';
import { describe, IGNORED, MADE, SIGNAL, TABLES, type History } from './history.ts';
import type { Random } from './random.ts';

export interface Rules {
  readonly Staging: typeof Staging;
}

/** What the store keeps: swapped as a whole, so a crash between two commits loses nothing and doubles nothing. */
interface Stored {
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

function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Violation(what);
}

export class Processor {
  private readonly history: History;
  private readonly broker: Broker;
  private readonly random: Random;
  private readonly rules: Rules;
  private stored: Stored;
  private pending: Stored | null = null;
  private staging!: Staging;
  private logs: (PartitionLog | null)[] = [];
  private delivered: number[] = [];
  /** Greatest offset that any process has read. */
  private readonly highs = LAYOUT.map(() => 0);
  private barrier: number | null = null;
  /** Tables whose topics are read only when a cut asks for them. */
  private readonly late: ReadonlySet<number>;
  cuts = 0;
  restarts = 0;

  constructor(history: History, broker: Broker, random: Random, rules: Rules) {
    this.history = history;
    this.broker = broker;
    this.random = random;
    this.rules = rules;
    this.late = new Set(random.chance(0.3) ? [MADE, random.below(3)] : [MADE]);
    const empty = TABLES.map(() => new Map<number, string>());
    this.stored = {
      seq: 0,
      bootstrap: true,
      rows: empty,
      ready: TABLES.map(() => false),
      progress: new Map(),
      parkedAtMark: new Map(),
      snapshotRows: 0,
      control: TABLES.map(() => -1),
      places: new Set(),
    };
    this.start();
  }

  /** Runs `actions` random actions, then reads everything and commits everything. */
  run(actions: number): void {
    for (let i = 0; i < actions; i += 1) this.act();
    this.logs.forEach((log, place) => log ?? this.register(place));
    for (let round = 0; ; round += 1) {
      check(round < 1_000, `stands still: ${JSON.stringify(this.staging.waiting().hold)}`);
      this.delivered.forEach((_, place) => this.deliver(place, Number.POSITIVE_INFINITY));
      this.prove();
      if (!this.cut(1 + this.random.below(200))) break;
      this.commit();
    }
    this.commit();
    check(
      this.stored.seq === this.history.last,
      `ends at ${this.stored.seq}, not at ${this.history.last}: ${JSON.stringify(this.staging.waiting().hold)}`,
    );
    this.broker.logs.forEach((log, place) => {
      const next = Number(this.stored.progress.get(place)?.nextOffset ?? 0n);
      check(next === log.length, `partition ${place} committed to ${next} of ${log.length}`);
    });
    check(describe(this.stored.rows) === this.history.stateAt(this.history.last), 'the tables differ at the end');
  }

  private act(): void {
    const roll = this.random.next();
    if (roll < 0.55) this.deliver(this.random.below(LAYOUT.length), 1 + this.random.below(this.random.chance(0.2) ? 80 : 8));
    else if (roll < 0.85) this.cut(1 + this.random.below(60));
    else if (roll < 0.92) this.prove();
    else if (roll < 0.95) this.setBarrier();
    else if (roll < 0.97) this.staging.copyLingering();
    else if (roll < 0.985) this.commit();
    else this.start();
  }

  /** A new process: knows only what was committed. */
  private start(): void {
    this.restarts += 1;
    this.pending = null;
    this.barrier = null;
    const { seq, bootstrap, ready, progress } = this.stored;
    this.staging = new this.rules.Staging(seq, bootstrap ? 'bootstrap' : 'streaming');
    this.staging.ignoreTable(IGNORED);
    if (this.random.chance(0.5)) this.staging.streamsAfter(this.history.base);
    this.logs = LAYOUT.map(() => null);
    this.delivered = LAYOUT.map((_, place) => Number(progress.get(place)?.nextOffset ?? 0n));
    LAYOUT.forEach(({ table }, place) => {
      const known = LAYOUT.some((other, i) => other.table === table && this.delivered[i]! > 0);
      if (table === null || !this.late.has(table) || known) this.register(place);
    });
    ready.forEach((isReady, table) => isReady && this.staging.setReady(TABLES[table]!));
  }

  private register(place: number): void {
    const { table, partition } = LAYOUT[place]!;
    const saved = this.stored.progress.get(place);
    this.logs[place] = this.staging.addPartition({
      topicId: place,
      partition,
      role: table !== null ? 'table' : place === 0 ? 'transaction' : place === HEARTBEATS ? 'other' : 'schema',
      collection: table === null ? null : TABLES[table]!,
      signals: table === SIGNAL,
      nextOffset: saved?.nextOffset ?? 0n,
      markSeq: saved?.markSeq ?? -1,
      markOrd: saved?.markOrd ?? -1,
      unreadableAtMark: this.stored.parkedAtMark.get(place) ?? 0,
    });
  }

  private deliver(place: number, count: number): void {
    const log = this.logs[place];
    const records = this.broker.logs[place]!;
    if (log === null || log === undefined) return;
    let offset = this.delivered[place]!;
    if (offset > 0 && this.random.chance(0.1)) offset -= 1; // Kafka may deliver the same offset again
    for (let i = 0; i < count && offset < records.length; i += 1, offset += 1) {
      const record = records[offset]!;
      this.staging.push(log, messageOf(record, offset), { ...record, op: record.op === '' ? 0 : record.op.charCodeAt(0) });
    }
    this.delivered[place] = Math.max(this.delivered[place]!, offset);
    this.highs[place] = Math.max(this.highs[place]!, offset);
  }

  private prove(): void {
    if (!this.broker.snapshotRead(this.delivered)) return;
    this.staging.prove(this.broker.provableAt(this.delivered, this.highs));
  }

  private setBarrier(): void {
    const seq = this.history.base + 1 + this.random.below(this.history.last - this.history.base);
    if (this.barrier === null && this.staging.cutAt(seq)) this.barrier = seq;
  }

  /** Takes and commits a cut; false when there is none. */
  private cut(recordsMax: number): boolean {
    this.readWhatIsNeeded();
    const cut = this.staging.nextCut({ recordsMax });
    if (cut === null) return false;
    this.cuts += 1;
    if (this.barrier !== null) {
      check(cut.seq <= this.barrier, `cut ${cut.seq} passes the barrier ${this.barrier}`);
      if (cut.seq === this.barrier) {
        check(cut.forcedBy === this.barrier, 'the barrier is not reported');
        this.barrier = null;
      }
    }
    const taken = this.staging.take(cut);
    const transactions = this.history.records.filter((record) => record.kind === 'end' && record.seq > cut.from && record.seq <= cut.seq);
    const framed = transactions.reduce((sum, record) => sum + (record.end?.event_count ?? 0) + 2, 0);
    check(transactions.length <= 1 || framed <= recordsMax, `${framed} records in one cut, ${recordsMax} are allowed`);
    this.pending = this.applied(this.pending ?? this.stored, taken);
    if (this.random.chance(0.8)) this.commit();
    return true;
  }

  private readWhatIsNeeded(): void {
    const { hold } = this.staging.waiting();
    if (hold.reason !== 'topic') return;
    LAYOUT.forEach(({ table }, place) => {
      if (table !== null && hold.collections.includes(TABLES[table]!) && this.logs[place] === null) this.register(place);
    });
  }

  private commit(): void {
    if (this.pending !== null) this.stored = this.pending;
    this.pending = null;
  }

  /** Applies a cut as the store would, checking it against the history. */
  private applied(before: Stored, taken: TakenCut): Stored {
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
    const got: string[] = [];
    let { snapshotRows } = before;
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
    const want = this.history.records
      .filter((record) => isRow(record) && record.seq > cut.from && record.seq <= cut.seq)
      .map((record) => record.id);
    check(got.sort().join() === want.sort().join(), `cut ${cut.from}..${cut.seq} holds ${got.join()} instead of ${want.join()}`);
    check(taken.dispositions.reduce((sum, count) => sum + count, 0) === records.count, 'dispositions do not add up');
    const saved = this.progressed(before, taken, progress);
    const allSnapshot = snapshotRows >= this.history.records.filter((record) => record.kind === 'snapshot').length;
    if (allSnapshot && cut.seq >= this.history.base)
      check(describe(rows) === this.history.stateAt(cut.seq), `the tables differ at ${cut.seq}`);
    return { seq: cut.seq, bootstrap: this.staging.phase === 'bootstrap', rows, ready, snapshotRows, control, places, ...saved };
  }

  private applyControls({ cut, records }: TakenCut, rows: readonly Map<number, string>[], ready: boolean[]): void {
    const streamed: string[] = [];
    for (const control of cut.controls) {
      const record = this.recordAt(control.log.topicId, Number(control.message.offset));
      if (record.seq >= 0) streamed.push(record.id);
      if (record.op === 't') rows[record.topic as number]!.clear();
      if (record.id.startsWith('create ')) {
        const table = Number(record.id.split(' ')[1]);
        ready[table] = true;
        this.staging.setReady(TABLES[table]!);
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
        check(records.offset[at] === next, `offset ${records.offset[at]} after ${next - 1n}`);
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

function messageOf(record: LogRecord, offset: number): StagedMessage {
  return {
    key: null,
    value: record.kind === 'tombstone' ? null : Buffer.from(record.id),
    offset: String(offset),
    timestamp: '1795243773389',
  };
}
