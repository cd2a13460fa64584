import { beforeEach, describe, expect, it } from 'vitest';
import { APPLIED, PARKED } from '../../lake/store/batch.ts';
import type { PartitionLog } from '../processor/cut/partition-log.ts';
import { Bench, LIMITS } from '../processor/cut/testing/bench.ts';
import { UnknownTables } from './unknown-tables.ts';

const registration = {
  topicId: 9,
  partition: 0,
  role: 'table',
  collection: 'bank.strange',
  nextOffset: 0n,
  markSeq: -1,
  markOrd: -1,
} as const;

let bench: Bench;
let strange: PartitionLog;
let unknown: UnknownTables;

beforeEach(() => {
  bench = new Bench();
  strange = bench.staging.addPartition(registration);
  unknown = new UnknownTables(bench.staging);
});

describe('a topic whose table nobody knows', () => {
  it('is given time for its DDL, then its records are taken to be parked', () => {
    bench.plain(strange, 'unreadable');
    bench.event(strange, 7, 1); // of a transaction that was taken long ago
    expect(unknown.look(0)).toEqual([]);
    expect(unknown.look(4_999)).toEqual([]);
    expect(bench.next()).toBeNull();
    expect(bench.staging.phase).toBe('streaming');
    expect(unknown.look(5_000)).toEqual(['strange']);
    expect(unknown.look(6_000)).toEqual([]);
    const { records } = bench.take();
    expect([...records.disposition.slice(0, 2)]).toEqual([PARKED, APPLIED]); // the pipeline parks what is APPLIED of an unknown table
    expect([records.count, records.seq[0], records.seq[1]]).toEqual([2, -1, 7]);
    expect(unknown.tables.get('strange')).toBe('no schema of table strange is known');
  });

  it('is known as soon as its schema is', () => {
    bench.plain(strange, 'unreadable');
    unknown.look(0);
    bench.staging.setReady('bank.strange');
    expect(unknown.look(9_000)).toEqual([]);
    unknown.tables.set('strange', 'x');
    unknown.known('strange');
    expect(unknown.tables.size).toBe(0);
  });

  it('is waited for when a transaction counts rows of it', () => {
    bench.event(strange, 11, 1);
    bench.end(11, { 'bank.strange': 1 });
    unknown.look(0);
    expect(unknown.look(60_000)).toEqual([]);
    expect(bench.hold()).toMatchObject({ reason: 'schema' });
    expect(bench.staging.nextCut(LIMITS)).toBeNull();
  });

  it('is left alone while the first snapshot is read: rows come before their shape', () => {
    const early = new Bench(-1, 'bootstrap');
    early.plain(early.staging.addPartition(registration), 'snapshot');
    const watch = new UnknownTables(early.staging);
    watch.look(0);
    expect(watch.look(60_000)).toEqual([]);
  });
});
