import { describe, expect, it } from 'vitest';
import type { OpenRecord } from '../../lake/store/open-parked.ts';
import { applicable, groupsOf } from './plan.ts';

const record = (id: number, key: string | null, more: Partial<OpenRecord> = {}): OpenRecord => ({
  id,
  topic: 't',
  table: 'accounts',
  key,
  otherKey: null,
  place: `t/0@${id}`,
  seq: id,
  op: 'u',
  reason: 'LF_RECORD_WAITS',
  detail: '',
  status: 'waiting',
  tombstone: false,
  ...more,
});
const ids = (groups: readonly (readonly OpenRecord[])[]): number[][] => groups.map((group) => group.map(({ id }) => id));

describe('groupsOf', () => {
  it('takes all of a chosen key, in order, and nothing of other keys', () => {
    const open = [record(1, 'a'), record(2, 'b'), record(3, 'a'), record(4, 'a')];
    expect(ids(groupsOf(open, ({ id }) => id === 3))).toEqual([[1, 3, 4]]);
  });

  it('joins keys that a key change has tied together, over several steps', () => {
    const open = [
      record(1, 'a', { otherKey: 'b' }),
      record(2, 'b', { otherKey: 'a' }),
      record(3, 'b', { otherKey: 'c' }),
      record(4, 'c', { otherKey: 'b' }),
      record(5, 'd'),
    ];
    expect(ids(groupsOf(open, ({ id }) => id === 4))).toEqual([[1, 2, 3, 4]]);
  });

  it('keeps tables apart, and lets a record without a key stand alone', () => {
    const open = [record(1, 'a'), record(2, 'a', { table: 'other' }), record(3, null), record(4, null), record(5, 'a', { table: null })];
    expect(ids(groupsOf(open, () => true))).toEqual([[1], [2], [3], [4], [5]]);
  });
});

describe('applicable', () => {
  const failing = (...some: number[]) => new Map(some.map((id) => [id, 'why']));

  it('ends before the first record that fails', () => {
    expect(applicable([record(1, 'a'), record(2, 'a'), record(3, 'a')], failing(2))).toBe(1);
    expect(applicable([record(1, 'a'), record(2, 'a')], failing())).toBe(2);
  });

  it('never divides a key change, wherever the failing record stands', () => {
    const from = record(2, 'a', { seq: 20, otherKey: 'b', op: 'd' });
    const to = record(5, 'b', { seq: 20, otherKey: 'a', op: 'c' });
    const group = [record(1, 'a'), from, record(3, 'b', { seq: 5 }), to];
    expect(applicable(group, failing(5))).toBe(1);
    expect(applicable(group, failing(3))).toBe(1);
    expect(applicable(group, failing(2))).toBe(1);
    expect(applicable(group, failing())).toBe(4);
  });
});
