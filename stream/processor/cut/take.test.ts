// Examples of what a commit gets: columns, offsets, marks; and what becomes of records that cannot be read.

import { describe, expect, it } from 'vitest';
import { APPLIED, CONTROL, PARKED } from '../../../lake/store/batch.ts';
import { A, Bench } from './testing/bench.ts';

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
