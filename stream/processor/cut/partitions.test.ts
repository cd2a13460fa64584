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

  it('is waited for while nobody has looked whether it is there; a look begun before it was missed does not count', () => {
    const bench = new Bench();
    const early = bench.staging.listingBegins();
    bench.event(bench.a, 11, 1);
    bench.end(11, { [A]: 2 });
    bench.event(bench.a, 12, 1);
    bench.end(12, { [A]: 1 });
    expect(bench.staging.nextCut(LIMITS)).toBeNull();
    expect(bench.hold()).toEqual({ reason: 'topic', seq: 11, collections: [A] });
    bench.staging.listingEnds(early);
    expect(bench.staging.nextCut(LIMITS)).toBeNull();
    const registration = { topicId: bench.a.topicId, partition: 1, role: 'table' as const, collection: A, late: true };
    const late = bench.staging.addPartition({ ...registration, nextOffset: 0n, markSeq: -1, markOrd: -1 });
    expect(bench.staging.nextCut(LIMITS)).toBeNull();
    bench.staging.listingEnds(bench.staging.listingBegins());
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
