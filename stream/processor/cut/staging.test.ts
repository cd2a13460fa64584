// One example for every rule of the cut. The property test looks for what nobody thought of; these say what is meant.

import { describe, expect, it } from 'vitest';
import { APPLIED, CONTROL, DUPLICATE, TOMBSTONE } from '../../../lake/store/batch.ts';
import { Staging } from './staging.ts';
import { A, B, Bench, LIMITS } from './testing/bench.ts';
import { dispositionsOf, pageOf } from './testing/page-of.ts';

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
    for (let first = 1; first <= count; first += 1_000) {
      const event = (ord: number) =>
        ({ value: Buffer.from('x'), offset: ord - 1, place: { kind: 'event', seq: 11, ord, op: 99 } }) as const;
      bench.staging.push(bench.a, pageOf(Array.from({ length: 1_000 }, (_, index) => event(first + index))));
    }
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
    expect([...records.disposition]).toEqual([CONTROL, APPLIED, TOMBSTONE, APPLIED]);
    expect([...records.seq]).toEqual([11, 11, 11, 11]);
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
    expect([...taken.records.disposition.slice(-5)]).toEqual([APPLIED, APPLIED, DUPLICATE, DUPLICATE, APPLIED]);
    expect(taken.dispositions).toEqual([3, 5, 0, 1, 0]);
  });

  it('goes on from committed offsets and marks', () => {
    const staging = new Staging(11, 'streaming');
    const log = staging.addPartition({ topicId: 0, partition: 0, role: 'table', collection: A, nextOffset: 7n, markSeq: 11, markOrd: 2 });
    const page = (offset: number, ord: number) =>
      pageOf([{ value: Buffer.from('x'), offset, place: { kind: 'event', seq: 11, ord, op: 99 } }]);
    staging.push(log, page(6, 2));
    expect(log.staged).toBe(0);
    staging.push(log, page(7, 2));
    expect(dispositionsOf(log)).toEqual([DUPLICATE]);
    expect(staging.redelivered).toBe(1);
    expect(() => staging.push(log, page(9, 3))).toThrow(/offset 8 was expected and 9 came/);
  });

  it('skips the part of a page that was staged before, with the counts of its ENDs', () => {
    const staging = new Staging(10, 'streaming');
    const log = staging.addPartition({
      topicId: 0,
      partition: 0,
      role: 'transaction',
      collection: null,
      nextOffset: 0n,
      markSeq: 10,
      markOrd: 0,
    });
    const end = (seq: number) => ({
      value: Buffer.from(`${seq}`),
      offset: seq - 11,
      place: { kind: 'end', seq, ord: 0, op: 0, end: [{ data_collection: A, event_count: seq }] } as const,
    });
    staging.push(log, pageOf([end(11), end(12)]));
    staging.push(log, pageOf([end(11), end(12), end(13), end(14)]));
    staging.ignoreTable(A);
    expect(staging.redelivered).toBe(2);
    expect(dispositionsOf(log)).toEqual([CONTROL, CONTROL, CONTROL, CONTROL]);
    const taken = staging.take(staging.nextCut(LIMITS)!);
    expect([taken.cut.seq, taken.cut.events]).toEqual([14, 11 + 12 + 13 + 14]);
    expect([0, 1, 2, 3].map((index) => taken.records.value(index)?.toString())).toEqual(['11', '12', '13', '14']);
    expect(() => taken.records.value(4)).toThrow(RangeError);
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
    expect(other.next()).toBeNull(); // a partition that nobody knows of may have the other event
    other.staging.listingEnds(other.staging.listingBegins());
    expect(() => other.next()).toThrow(/transaction 11 has 1 of 2 events of bank.a/);
  });
});
