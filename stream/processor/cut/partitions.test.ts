// Partitions added to a topic while it is read: keys move, what was sent before may be sent again to another partition.

import { describe, expect, it } from 'vitest';
import { APPLIED, DUPLICATE } from '../../../lake/store/batch.ts';
import { A, Bench, LIMITS } from './testing/bench.ts';

function withLatePartition(): { bench: Bench; late: Bench['a'] } {
  const bench = new Bench();
  const registration = { topicId: bench.a.topicId, partition: 1, role: 'table' as const, collection: A, late: true };
  return { bench, late: bench.staging.addPartition({ ...registration, nextOffset: 0n, markSeq: -1, markOrd: -1 }) };
}

describe('a partition that was added', () => {
  it('brings the rest of a transaction that the others have passed', () => {
    const { bench, late } = withLatePartition();
    bench.event(bench.a, 11, 1);
    bench.end(11, { [A]: 2 });
    bench.event(bench.a, 12, 1);
    bench.end(12, { [A]: 1 });
    expect(bench.staging.nextCut(LIMITS)).toBeNull();
    bench.event(late, 11, 2);
    expect(bench.take().cut.seq).toBe(12);
  });

  it('is missed as long as nobody knows of it', () => {
    const bench = new Bench();
    bench.event(bench.a, 11, 1);
    bench.end(11, { [A]: 2 });
    bench.event(bench.a, 12, 1);
    bench.end(12, { [A]: 1 });
    expect(() => bench.staging.nextCut(LIMITS)).toThrow(/1 of 2 events/);
    const registration = { topicId: bench.a.topicId, partition: 1, role: 'table' as const, collection: A, late: true };
    const late = bench.staging.addPartition({ ...registration, nextOffset: 0n, markSeq: -1, markOrd: -1 });
    expect(bench.staging.nextCut(LIMITS)).toBeNull();
    bench.event(late, 11, 2);
    expect(bench.take().cut.seq).toBe(12);
  });

  it('does not apply again what another partition had brought, committed or staged', () => {
    const { bench, late } = withLatePartition();
    bench.event(bench.a, 11, 1);
    bench.end(11, { [A]: 1 });
    expect(bench.take().dispositions[APPLIED]).toBe(1);
    bench.event(bench.a, 12, 1);
    bench.event(late, 11, 1); // committed before
    bench.event(late, 12, 1); // staged there
    bench.event(late, 12, 2);
    bench.end(12, { [A]: 2 });
    const taken = bench.take();
    expect(taken.dispositions[APPLIED]).toBe(2);
    expect(taken.dispositions[DUPLICATE]).toBe(2);
  });
});
