// One example for every rule of the cut. The property test looks for what nobody thought of; these say what is meant.

import { describe, expect, it } from 'vitest';
import { APPLIED, CONTROL, DUPLICATE, PARKED, TOMBSTONE } from '../../../lake/store/batch.ts';
import type { PartitionLog } from './partition-log.ts';
import type { Scanned } from './record.ts';
import { Staging } from './staging.ts';

const A = 'bank.a';
const B = 'bank.b';
const LIMITS = { recordsMax: 1_000 };

/** A staging of one source, with tables a (one partition) and b (two), and short words for what arrives. */
class Bench {
  readonly staging: Staging;
  readonly t: PartitionLog;
  readonly s: PartitionLog;
  readonly a: PartitionLog;
  readonly b: readonly PartitionLog[];
  readonly heartbeats: PartitionLog;

  constructor(committed = 10, phase: 'bootstrap' | 'streaming' = 'streaming') {
    this.staging = new Staging(committed, phase);
    this.t = this.add('transaction', null, committed);
    this.s = this.add('schema', null, -1);
    this.a = this.add('table', A, -1);
    this.b = [this.add('table', B, -1), this.add('table', B, -1)];
    this.heartbeats = this.add('other', null, -1);
    this.staging.setReady(A);
    this.staging.setReady(B);
  }

  private add(role: PartitionLog['role'], collection: string | null, markSeq: number): PartitionLog {
    const topicId = this.staging.partitions.length;
    return this.staging.addPartition({ topicId, partition: 0, role, collection, nextOffset: 0n, markSeq, markOrd: -1 });
  }

  push(log: PartitionLog, scanned: Scanned, value: string | null = 'x'): void {
    const message = { key: null, value: value === null ? null : Buffer.from(value), offset: String(log.expectedOffset), timestamp: '1' };
    this.staging.push(log, message, scanned);
  }

  begin(seq: number): void {
    this.push(this.t, { kind: 'begin', seq, ord: 0, op: 0 });
  }

  end(seq: number, counts: Record<string, number> = {}): void {
    const data_collections = Object.entries(counts).map(([data_collection, event_count]) => ({ data_collection, event_count }));
    const event_count = data_collections.reduce((sum, { event_count: count }) => sum + count, 0);
    this.push(this.t, { kind: 'end', seq, ord: 0, op: 0, end: { event_count, data_collections } });
  }

  event(log: PartitionLog, seq: number, ord: number, op = 'c'): void {
    this.push(log, { kind: 'event', seq, ord, op: op.charCodeAt(0) });
  }

  outside(log: PartitionLog, seq: number, op: string): void {
    this.push(log, { kind: 'outside', seq, ord: 0, op: op.charCodeAt(0) });
  }

  ddl(seq: number, identity: string, alone = true): void {
    this.push(this.s, { kind: 'ddl', seq, ord: 0, op: 0, identity, alone });
  }

  plain(log: PartitionLog, kind: 'snapshot' | 'tombstone' | 'control' | 'unreadable'): void {
    this.push(log, { kind, seq: -1, ord: 0, op: 0 }, kind === 'tombstone' ? null : 'x');
  }

  /** Sequence of the next cut, null when there is none; nothing is taken. */
  next(recordsMax = 1_000): number | null {
    return this.staging.nextCut({ recordsMax })?.seq ?? null;
  }

  take(recordsMax = 1_000) {
    const cut = this.staging.nextCut({ recordsMax });
    if (cut === null) throw new Error(`no cut: ${JSON.stringify(this.staging.waiting().hold)}`);
    return this.staging.take(cut);
  }

  hold() {
    return this.staging.waiting().hold;
  }
}

describe('whole transactions', () => {
  it('waits for every event that the END counts, whatever the order of the topics', () => {
    const bench = new Bench();
    bench.end(11, { [A]: 1, [B]: 2 });
    bench.event(bench.a, 11, 1);
    bench.event(bench.b[0]!, 11, 2);
    expect(bench.next()).toBeNull();
    expect(bench.hold()).toEqual({ reason: 'events', seq: 11, collections: [B] });
    expect(bench.staging.waiting().partitions).toEqual([bench.t, bench.s, ...bench.b]);
    bench.event(bench.b[1]!, 11, 3);
    const taken = bench.take();
    expect(taken.cut.seq).toBe(11);
    expect(taken.dispositions).toEqual([3, 0, 0, 1, 0]);
    expect(bench.staging.nextCut(LIMITS)).toBeNull();
  });

  it('waits for a missing END and leaves later complete transactions staged', () => {
    const bench = new Bench();
    bench.begin(11);
    bench.event(bench.a, 11, 1);
    expect(bench.staging.nextCut(LIMITS)?.onlyEmpty).toBe(true);
    bench.end(11, { [A]: 2 });
    bench.end(12, { [B]: 1 });
    bench.event(bench.b[0]!, 12, 1);
    expect(bench.next()).toBe(10); // the BEGIN only
    bench.event(bench.a, 11, 2);
    expect(bench.next()).toBe(12);
  });

  it('does not divide a giant transaction and takes small ones up to the limit', () => {
    const bench = new Bench();
    const count = 400_000;
    for (let ord = 1; ord <= count; ord += 1) bench.event(bench.a, 11, ord);
    bench.end(11, { [A]: count });
    bench.event(bench.a, 12, 1);
    bench.end(12, { [A]: 1 });
    bench.event(bench.a, 13, 1);
    bench.end(13, { [A]: 1 });
    expect(bench.take(5).records.count).toBe(count + 1);
    expect(bench.take(5).cut.seq).toBe(12);
    expect(bench.take(5).cut.seq).toBe(13);
  });

  it('moves over empty transactions and says that nothing else is in the cut', () => {
    const bench = new Bench();
    bench.plain(bench.heartbeats, 'control');
    for (const seq of [11, 12]) {
      bench.begin(seq);
      bench.end(seq);
    }
    expect(bench.staging.nextCut(LIMITS)).toMatchObject({ seq: 12, onlyEmpty: true, records: 5, events: 0 });
    bench.event(bench.a, 13, 1);
    bench.end(13, { [A]: 1 });
    expect(bench.staging.nextCut(LIMITS)).toMatchObject({ seq: 13, onlyEmpty: false, events: 1 });
  });

  it('counts both events of a changed key and lets its tombstone ride along', () => {
    const bench = new Bench();
    bench.event(bench.a, 11, 1, 'd');
    bench.plain(bench.a, 'tombstone');
    bench.event(bench.a, 11, 2);
    bench.end(11, { [A]: 2 });
    const { records } = bench.take();
    expect(records.disposition).toEqual([CONTROL, APPLIED, TOMBSTONE, APPLIED]);
    expect(records.seq).toEqual([11, 11, 11, 11]);
  });

  it('leaves out what an END counts of tables that are not captured, and asks for topics that are', () => {
    const bench = new Bench();
    bench.end(11, { 'bank.new': 1 });
    expect(bench.next()).toBeNull();
    expect(bench.hold()).toEqual({ reason: 'topic', seq: 11, collections: ['bank.new'] });
    bench.staging.ignoreTable('bank.new');
    expect(bench.next()).toBe(11);
  });

  it('waits for the shape of a table whose topic is read', () => {
    const bench = new Bench();
    bench.staging.setReady(A, false);
    bench.end(11, { [A]: 1 });
    bench.event(bench.a, 11, 1);
    expect(bench.next()).toBeNull();
    expect(bench.hold()).toEqual({ reason: 'schema', seq: 11, collections: [A] });
    bench.staging.setReady(A);
    expect(bench.next()).toBe(11);
  });

  it('ends a cut at a barrier', () => {
    const bench = new Bench();
    for (const seq of [11, 12, 13]) {
      bench.event(bench.a, seq, 1);
      bench.end(seq, { [A]: 1 });
    }
    expect(bench.staging.cutAt(12)).toBe(true);
    expect(bench.staging.cutAt(10)).toBe(false);
    expect(bench.take().cut).toMatchObject({ seq: 12, forcedBy: 12 });
    expect(bench.take().cut).toMatchObject({ seq: 13, forcedBy: null });
  });
});

describe('duplicates', () => {
  it('knows events, ENDs and BEGINs that Connect emits again', () => {
    const bench = new Bench();
    bench.event(bench.a, 11, 1);
    bench.event(bench.a, 11, 2);
    for (let times = 0; times < 2; times += 1) {
      bench.begin(11);
      bench.end(11, { [A]: 3 });
    }
    bench.end(11, { [A]: 3 });
    bench.event(bench.a, 11, 1);
    bench.event(bench.a, 11, 2);
    expect(bench.take().cut).toMatchObject({ seq: 10 }); // the BEGIN; four messages are not three new events
    bench.event(bench.a, 11, 3);
    const taken = bench.take();
    expect(taken.cut.seq).toBe(11);
    expect(taken.records.disposition.slice(-5)).toEqual([APPLIED, APPLIED, DUPLICATE, DUPLICATE, APPLIED]);
    expect(taken.dispositions).toEqual([3, 5, 0, 1, 0]);
  });

  it('goes on from committed offsets and marks', () => {
    const staging = new Staging(11, 'streaming');
    const log = staging.addPartition({ topicId: 0, partition: 0, role: 'table', collection: A, nextOffset: 7n, markSeq: 11, markOrd: 2 });
    const message = { key: null, value: Buffer.from('x'), timestamp: '1' };
    expect(staging.push(log, { ...message, offset: '6' }, { kind: 'event', seq: 11, ord: 2, op: 99 })).toBe(false);
    expect(staging.push(log, { ...message, offset: '7' }, { kind: 'event', seq: 11, ord: 2, op: 99 })).toBe(true);
    expect(log.dispositions).toEqual([DUPLICATE]);
    expect(staging.redelivered).toBe(1);
    expect(() => staging.push(log, { ...message, offset: '9' }, { kind: 'event', seq: 12, ord: 1, op: 99 })).toThrow(
      /offset 8 was expected and 9 came/,
    );
  });

  it('refuses what is new at or below the last cut', () => {
    const bench = new Bench();
    expect(() => bench.event(bench.a, 10, 1)).toThrow(/everything up to 10 was taken/);
    bench.event(bench.a, 12, 1);
    bench.staging.prove(13);
    bench.end(14, { [B]: 1 });
    bench.event(bench.b[0]!, 14, 1);
    bench.take();
    expect(() => bench.event(bench.b[1]!, 13, 1)).toThrow(/LF_CUT_HOLE|everything up to 14 was taken/);
  });

  it('refuses an END that comes after a later one, and a transaction that cannot become complete', () => {
    const bench = new Bench();
    bench.end(12);
    expect(() => bench.end(11)).toThrow(/END of transaction 11 came after END of 12/);
    const other = new Bench();
    other.end(11, { [A]: 2 });
    other.event(other.a, 11, 1);
    other.event(other.a, 12, 1);
    expect(() => other.next()).toThrow(/transaction 11 has 1 of 2 events of bank.a/);
  });
});

describe('gaps, TRUNCATE and DDL', () => {
  it('holds at a number without record until it is proven that none will come', () => {
    const bench = new Bench();
    bench.end(12);
    expect(bench.next()).toBeNull();
    expect(bench.hold()).toEqual({ reason: 'gap', seq: 11 });
    bench.staging.prove(10);
    expect(bench.next()).toBeNull();
    bench.staging.prove(11);
    expect(bench.next()).toBe(12);
  });

  it('learns its first number from a proof, or from the GTID set of the snapshot', () => {
    for (const learn of ['prove', 'streamsAfter'] as const) {
      const bench = new Bench(0, 'bootstrap');
      bench.end(18);
      expect(bench.hold()).toEqual({ reason: 'gap', seq: 1 });
      bench.staging[learn](17);
      expect(bench.next()).toBe(18);
    }
  });

  it('applies a TRUNCATE between the rows before and after it, although a later END was complete first', () => {
    const bench = new Bench();
    bench.event(bench.b[0]!, 11, 1);
    bench.end(11, { [B]: 1 });
    bench.event(bench.b[0]!, 13, 1);
    bench.end(13, { [B]: 1 });
    expect(bench.take().cut.seq).toBe(11);
    expect(bench.next()).toBeNull();
    bench.outside(bench.b[1]!, 12, 't');
    const { cut } = bench.take();
    expect(cut).toMatchObject({ seq: 13, controls: [{ kind: 'truncate', seq: 12, collection: B }] });
  });

  it('knows a TRUNCATE that is emitted again, in whichever partition', () => {
    const bench = new Bench();
    bench.outside(bench.b[0]!, 11, 't');
    bench.outside(bench.b[1]!, 11, 't');
    expect(bench.take().records.disposition).toEqual([DUPLICATE]); // it stands before everything: taken before the first control
    expect(bench.take().cut.controls).toHaveLength(1);
    bench.outside(bench.b[1]!, 11, 't');
    bench.outside(bench.b[0]!, 11, 't');
    expect(bench.take().records.disposition).toEqual([DUPLICATE, DUPLICATE]);
  });

  it('applies a DDL before the rows behind it and never in one cut with rows before it', () => {
    const bench = new Bench();
    bench.ddl(12, 'alter');
    bench.event(bench.a, 11, 1);
    bench.event(bench.a, 13, 1);
    bench.end(11, { [A]: 1 });
    bench.end(13, { [A]: 1 });
    expect(bench.take().cut).toMatchObject({ seq: 11, controls: [] });
    bench.ddl(12, 'alter'); // again: same number, same text
    const { cut, records } = bench.take();
    expect(cut).toMatchObject({ seq: 13, controls: [{ kind: 'ddl', seq: 12 }] });
    expect(records.disposition).toEqual([CONTROL, CONTROL, DUPLICATE, APPLIED]);
  });

  it('takes all records of one statement together, once it is proven that there are no more', () => {
    const bench = new Bench();
    bench.ddl(11, 'rename a', false);
    bench.ddl(11, 'rename b', false);
    bench.ddl(11, 'rename a', false);
    expect(bench.next()).toBeNull();
    expect(bench.hold()).toEqual({ reason: 'statement', seq: 11 });
    bench.staging.prove(11);
    expect(bench.take().cut.controls.map(({ identity }) => identity)).toEqual(['rename a', 'rename b']);
  });

  it('takes CREATE TABLE … AS SELECT with its rows', () => {
    const bench = new Bench();
    bench.staging.setReady(A, false);
    bench.ddl(11, 'create', false);
    bench.event(bench.a, 11, 1);
    expect(bench.next()).toBeNull();
    bench.end(11, { [A]: 1 });
    expect(bench.take().cut).toMatchObject({ seq: 11, events: 1, controls: [{ kind: 'ddl' }] });
  });

  it('takes rows of an XA transaction, which has no END, by proof', () => {
    const bench = new Bench();
    bench.outside(bench.a, 11, 'c');
    bench.outside(bench.a, 11, 'u');
    bench.end(12);
    expect(bench.next()).toBeNull();
    bench.staging.prove(11);
    expect(bench.take().records.ord.slice(1)).toEqual([1, 2]);
  });

  it('proves no more than has been read, and needs no partition that is past the number', () => {
    const bench = new Bench();
    bench.event(bench.a, 13, 1);
    bench.end(12);
    const ends = new Map([
      [bench.a, 1_000],
      [bench.t, 1],
      [bench.s, 0],
      [bench.b[0]!, 1],
      [bench.b[1]!, 0],
    ]);
    expect(bench.staging.proveRead(50, (log) => ends.get(log))).toBeLessThan(0);
    expect(bench.staging.partitionsBefore(11)).not.toContain(bench.a);
    bench.event(bench.b[0]!, 13, 2);
    expect(bench.staging.proveRead(50, (log) => ends.get(log))).toBe(12);
    expect(bench.next()).toBe(12);
  });
});

describe('snapshots', () => {
  it('takes rows of the first snapshot at any time, in parts, once the table is known', () => {
    const bench = new Bench(0, 'bootstrap');
    bench.staging.setReady(A, false);
    for (let i = 0; i < 5; i += 1) bench.plain(bench.a, 'snapshot');
    expect(bench.next()).toBeNull();
    bench.ddl(-1, 'create a');
    expect(bench.take().cut).toMatchObject({ seq: 0, controls: [{ seq: -1 }] });
    bench.staging.setReady(A);
    expect(bench.take(3).records.count).toBe(3);
    expect(bench.take(3).records.seq).toEqual([-1, -1]);
  });

  it('keeps streamed controls behind the rows of the first snapshot', () => {
    const bench = new Bench(0, 'bootstrap');
    bench.staging.streamsAfter(17);
    bench.outside(bench.b[0]!, 18, 't');
    expect(bench.next()).toBeNull();
    expect(bench.hold()).toEqual({ reason: 'snapshot', seq: 18 });
    bench.plain(bench.b[1]!, 'snapshot');
    bench.staging.prove(17);
    expect(bench.take().cut.controls).toEqual([]);
    expect(bench.take().cut).toMatchObject({ seq: 18, controls: [{ kind: 'truncate' }] });
  });

  it('takes late rows of an incremental snapshot, and none that are older than the partition', () => {
    const bench = new Bench();
    bench.end(11);
    bench.take();
    bench.outside(bench.a, 11, 'r');
    bench.outside(bench.a, 11, 'r');
    expect(bench.take()).toMatchObject({ cut: { seq: 11 }, dispositions: [2, 0, 0, 0, 0] });
    bench.event(bench.a, 12, 1);
    bench.outside(bench.a, 11, 'r');
    expect(bench.a.dispositions).toEqual([APPLIED, DUPLICATE]);
  });
});

describe('records that cannot be read', () => {
  it('are parked where they stand and do not block', () => {
    const bench = new Bench();
    bench.plain(bench.a, 'unreadable');
    bench.event(bench.a, 11, 1);
    bench.end(11, { [A]: 1 });
    const taken = bench.take();
    expect(taken.records.disposition).toEqual([CONTROL, PARKED, APPLIED]);
    expect(taken.unreadable).toEqual([1]);
  });

  it('explain a transaction that stays short, once no more of it can come', () => {
    const bench = new Bench();
    bench.event(bench.a, 11, 1);
    bench.plain(bench.a, 'unreadable');
    bench.end(11, { [A]: 2 });
    expect(bench.next()).toBeNull();
    bench.staging.prove(11);
    expect(bench.take().dispositions).toEqual([1, 0, 0, 1, 1]);
  });
});

describe('what a commit gets', () => {
  it('columns per partition in offset order, offsets to go on from, marks, headers', () => {
    const bench = new Bench();
    const headers = { '__debezium.newkey': Buffer.from('{"id":1}') };
    bench.staging.push(
      bench.a,
      { key: Buffer.from('k'), value: Buffer.from('v'), offset: '0', timestamp: '1795243773389', headers },
      { kind: 'event', seq: 11, ord: 4, op: 100 },
    );
    bench.end(11, { [A]: 1 });
    const { records, progress } = bench.take();
    expect(records.offset).toEqual([0n, 0n]);
    expect(records.kafkaTimestampMs[1]).toBe(1_795_243_773_389n);
    expect(records.op).toEqual([0, 100]);
    expect(records.headers).toEqual([null, '{"__debezium.newkey":"{\\"id\\":1}"}']);
    expect(progress).toEqual([
      { topicId: bench.t.topicId, partition: 0, nextOffset: 1n, markSeq: 11, markOrd: 0 },
      { topicId: bench.a.topicId, partition: 0, nextOffset: 1n, markSeq: 11, markOrd: 4 },
    ]);
  });

  it('copies what many cuts left behind, and nothing else', () => {
    const bench = new Bench();
    const value = Buffer.alloc(100_000).subarray(10, 20);
    bench.staging.push(bench.a, { key: null, value, offset: '0', timestamp: '1' }, { kind: 'event', seq: 99, ord: 1, op: 99 });
    let copied = 0;
    for (let seq = 11; seq < 40; seq += 1) {
      bench.end(seq);
      bench.take();
      copied += bench.staging.copyLingering();
    }
    expect(copied).toBe(10);
    expect(bench.a.messages[0]?.value).toEqual(value);
    expect(bench.a.messages[0]?.value?.buffer).not.toBe(value.buffer);
  });
});
