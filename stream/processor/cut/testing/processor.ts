// A processor as simple as can be around Staging, with a store in memory: delivers, cuts, commits, proves and dies as a seeded
// schedule says. The judge compares every cut with the source history.

import type { Staging } from '../staging.ts';
import type { PartitionLog } from '../partition-log.ts';
import { HEARTBEATS, LAYOUT, type Broker, type LogRecord } from './broker.ts';
import { describe, IGNORED, MADE, SIGNAL, TABLES, type History } from './history.ts';
import { pageOf, type TestMessage } from './page-of.ts';
import { check, Judge, NOTHING_STORED, type Stored } from './judge.ts';
import type { Random } from './random.ts';

export interface Rules {
  readonly Staging: typeof Staging;
}

export class Processor {
  private readonly history: History;
  private readonly broker: Broker;
  private readonly random: Random;
  private readonly rules: Rules;
  private readonly judge: Judge;
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
    this.stored = NOTHING_STORED;
    this.judge = new Judge(history, broker);
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
    else if (roll < 0.98) this.commit();
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
    const end = Math.min(records.length, offset + count);
    while (offset < end) {
      const next = Math.min(end, offset + 1 + this.random.below(30));
      this.staging.push(log, pageOf(records.slice(offset, next).map((record, i) => messageOf(record, offset + i))));
      offset = next;
    }
    this.delivered[place] = Math.max(this.delivered[place]!, offset);
    this.highs[place] = Math.max(this.highs[place]!, offset);
  }

  private prove(): void {
    if (this.logs.every((log) => log !== null) && this.random.chance(0.5)) this.proveRead();
    else if (this.broker.snapshotRead(this.delivered)) this.staging.prove(this.broker.provableAt(this.delivered, this.highs));
  }

  /** As the real prover does it: Connect and the end offsets may be far ahead of what has been read. */
  private proveRead(): void {
    const ends = this.highs.map((high, place) => high + this.random.below(this.broker.logs[place]!.length - high + 1));
    if (!this.broker.snapshotRead(ends)) return;
    this.staging.proveRead(this.broker.provableAt(ends, ends), (log) => ends[log.topicId]);
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
    this.pending = this.judge.apply(this.pending ?? this.stored, taken, this.staging.phase);
    this.pending.ready.forEach((ready, table) => ready && this.staging.setReady(TABLES[table]!));
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
}

function messageOf(record: LogRecord, offset: number): TestMessage {
  const { kind, seq, ord, op, end, alone, identity } = record;
  const note = { ...(alone === undefined ? {} : { alone }), ...(identity === undefined ? {} : { identity }) };
  return {
    value: kind === 'tombstone' ? null : Buffer.from(record.id),
    offset,
    place: { kind, seq, ord, op: op === '' ? 0 : op.charCodeAt(0), end: end?.data_collections ?? [], ...note },
  };
}
