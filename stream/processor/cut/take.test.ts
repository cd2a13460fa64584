// Examples of what a commit gets: columns, offsets, marks; and what becomes of records that cannot be read.

import { describe, expect, it } from 'vitest';
import { APPLIED, CONTROL, PARKED } from '../../../lake/store/batch.ts';
import { A, Bench } from './testing/bench.ts';
import { pageOf } from './testing/page-of.ts';

describe('records that cannot be read', () => {
  it('are parked where they stand and do not block', () => {
    const bench = new Bench();
    bench.plain(bench.a, 'unreadable');
    bench.event(bench.a, 11, 1);
    bench.end(11, { [A]: 1 });
    const taken = bench.take();
    expect([...taken.records.disposition]).toEqual([CONTROL, PARKED, APPLIED]);
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
    const headers = '{"__debezium.newkey":"{\\"id\\":1}"}';
    const message = { key: Buffer.from('k'), value: Buffer.from('v'), timestampMs: 1_795_243_773_389, headers };
    bench.push(bench.a, { kind: 'event', seq: 11, ord: 4, op: 100 }, message);
    bench.end(11, { [A]: 1 });
    const { records, progress } = bench.take();
    expect([...records.offset]).toEqual([0, 0]);
    expect(records.kafkaTimestampMs[1]).toBe(1_795_243_773_389);
    expect([...records.op]).toEqual([0, 100]);
    expect([records.key(1)?.toString(), records.value(1)?.toString()]).toEqual(['k', 'v']);
    expect(records.runs[1]?.page.headers.get(0)).toBe(headers);
    expect(progress).toEqual([
      { topicId: bench.t.topicId, partition: 0, nextOffset: 1n, markSeq: 11, markOrd: 0 },
      { topicId: bench.a.topicId, partition: 0, nextOffset: 1n, markSeq: 11, markOrd: 4 },
    ]);
  });

  it('pages that are taken in parts, and lets go of each when its last message is taken', () => {
    const bench = new Bench();
    const message = (offset: number, seq: number) =>
      ({ value: Buffer.from(`${seq}`), offset, place: { kind: 'event', seq, ord: 1, op: 99 } }) as const;
    bench.staging.push(bench.a, pageOf([message(0, 11), message(1, 12), message(2, 13)]));
    bench.staging.push(bench.a, pageOf([message(3, 14)]));
    const held = [bench.a.bytes];
    const values: string[][] = [];
    for (const seq of [11, 12, 13, 14]) {
      bench.end(seq, { [A]: 1 });
      const { records } = bench.take();
      values.push(Array.from({ length: records.count }, (_, index) => records.value(index)?.toString() ?? ''));
      held.push(bench.a.bytes);
    }
    expect(values).toEqual([
      ['x', '11'],
      ['x', '12'],
      ['x', '13'],
      ['x', '14'],
    ]);
    expect(held[0]).toBe(held[1]);
    expect(held[1]).toBe(held[2]);
    expect(held[3]).toBeLessThan(held[0]!);
    expect(held[4]).toBe(0);
  });
});
