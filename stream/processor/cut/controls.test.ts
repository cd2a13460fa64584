// Examples of what divides a cut: TRUNCATE, DDL, numbers without a record, snapshots.

import { describe, expect, it } from 'vitest';
import { APPLIED, CONTROL, DUPLICATE } from '../../../lake/store/batch.ts';
import { A, B, Bench } from './testing/bench.ts';
import { dispositionsOf } from './testing/page-of.ts';

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
    expect([...bench.take().records.disposition]).toEqual([DUPLICATE]); // it stands before everything: taken before the first control
    expect(bench.take().cut.controls).toHaveLength(1);
    bench.outside(bench.b[1]!, 11, 't');
    bench.outside(bench.b[0]!, 11, 't');
    expect([...bench.take().records.disposition]).toEqual([DUPLICATE, DUPLICATE]);
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
    expect([...records.disposition]).toEqual([CONTROL, CONTROL, DUPLICATE, APPLIED]);
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
    expect([...bench.take().records.ord.slice(1)]).toEqual([1, 2]);
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
    expect([...bench.take(3).records.seq]).toEqual([-1, -1]);
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
    expect(dispositionsOf(bench.a)).toEqual([APPLIED, DUPLICATE]);
  });
});
