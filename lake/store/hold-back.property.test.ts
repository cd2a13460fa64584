// The rule of key order over random streams: keys, key changes, deletes, poisoned records, cut into commits at random.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { APPLIED, DUPLICATE, PARKED, type ParkedRecord } from './batch.ts';
import { holdBack } from './hold-back.ts';
import { ParkedBook } from './parked-book.ts';
import type { RecordBatch } from './record-batch.ts';
import { batchOfRecords } from './testkit-batch.ts';

interface Change {
  readonly key: number;
  /** The other key, for the halves of a key change. */
  readonly other: number | null;
  readonly op: 'c' | 'u' | 'd' | 'r';
  readonly seq: number;
  readonly ord: number;
  readonly poison: boolean;
  readonly duplicate: boolean;
  /** It begins a commit; never inside a transaction. */
  readonly cut: boolean;
}

const step = fc.record({
  kind: fc.constantFrom('update', 'update', 'update', 'rename', 'delete', 'read', 'duplicate'),
  key: fc.nat({ max: 4 }),
  other: fc.nat({ max: 4 }),
  poison: fc.nat({ max: 9 }).map((n) => n === 0),
  poisonSecond: fc.nat({ max: 9 }).map((n) => n === 0),
  cut: fc.boolean(),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function changesOf({ kind, key, other, poison, poisonSecond, cut }: Step, seq: number): Change[] {
  const base = { seq, ord: 1, poison, duplicate: false, cut, key, other: null };
  if (kind === 'rename' && key !== other)
    return [
      { ...base, op: 'd', other },
      { ...base, op: 'c', key: other, other: key, ord: 2, poison: poisonSecond, cut: false },
    ];
  if (kind === 'delete') return [{ ...base, op: 'd' }];
  if (kind === 'read') return [{ ...base, op: 'r' }];
  return [{ ...base, op: 'u', duplicate: kind === 'duplicate', poison: poison && kind !== 'duplicate' }];
}

function batchOf(changes: readonly Change[], firstOffset: number): RecordBatch {
  const keyOf = (key: number): string => `{"id":${key}}`;
  const records = changes.map(({ key, other, op, seq, ord, duplicate }) => ({
    key: Buffer.from(keyOf(key)),
    value: Buffer.from('{}'),
    headers: other === null ? null : JSON.stringify({ [op === 'd' ? '__debezium.newkey' : '__debezium.oldkey']: keyOf(other) }),
    ...{ seq, ord, op, disposition: duplicate ? DUPLICATE : APPLIED },
  }));
  return batchOfRecords('topic', records, firstOffset);
}

type Fate = 'applied' | 'parked' | 'superseding' | 'duplicate';

/** What becomes of each change when the stream is committed in batches. */
function run(changes: readonly Change[]): Fate[] {
  const book = new ParkedBook();
  const fates: Fate[] = [];
  for (let from = 0; from < changes.length;) {
    let to = from + 1;
    while (to < changes.length && changes[to]?.cut !== true) to += 1;
    const part = changes.slice(from, to);
    const records = batchOf(part, from);
    const poison: ParkedRecord[] = part.flatMap((change, index) => (change.poison ? [{ index, reason: 'LF_X', detail: 'x' }] : []));
    const held = holdBack({ request: { records, tableOf: () => 't' }, poison, waiting: book, topicName: () => 'topic' });
    for (const { index } of held.parked) records.disposition[index] = PARKED;
    fates.push(
      ...part.map((_, index): Fate => {
        if (records.disposition[index] === PARKED) return 'parked';
        if (records.disposition[index] === DUPLICATE) return 'duplicate';
        return held.superseding.includes(index) ? 'superseding' : 'applied';
      }),
    );
    book.adopt(held.changes, { records: held.parked.length, bytes: 0 });
    from = to;
  }
  return fates;
}

const streams = fc.array(step, { maxLength: 40 }).map((steps) => steps.flatMap((one, index) => changesOf(one, index + 1)));

describe('holdBack over any stream', () => {
  it('applies nothing of a key behind a parked record of it, but for a change that says all', () => {
    fc.assert(
      fc.property(streams, (changes) => {
        const fates = run(changes);
        const open = new Set<number>();
        changes.forEach((change, index) => {
          const fate = fates[index];
          if (fate === 'superseding') open.delete(change.key);
          if (fate === 'applied') expect(open.has(change.key), `change ${index} of key ${change.key}`).toBe(false);
          if (fate === 'parked') open.add(change.key);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('parks every poisoned record, and parks a sound one only behind something', () => {
    fc.assert(
      fc.property(streams, (changes) => {
        const fates = run(changes);
        changes.forEach(({ poison }, index) => {
          if (poison) expect(fates[index]).toBe('parked');
        });
        if (!changes.some(({ poison }) => poison)) expect(fates).not.toContain('parked');
      }),
      { numRuns: 500 },
    );
  });

  it('applies both records of a key change or neither', () => {
    fc.assert(
      fc.property(streams, (changes) => {
        const fates = run(changes);
        changes.forEach((change, index) => {
          if (change.other === null || change.op !== 'd') return;
          expect([fates[index] === 'parked', fates[index + 1] === 'parked']).toEqual(
            fates[index] === 'parked' ? [true, true] : [false, false],
          );
        });
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same answer however the stream is cut into commits', () => {
    fc.assert(
      fc.property(streams, (changes) => {
        const whole = changes.map((change) => ({ ...change, cut: false }));
        const single = changes.map((change) => ({ ...change, cut: change.ord === 1 }));
        expect(run(single)).toEqual(run(changes));
        expect(run(whole)).toEqual(run(changes));
      }),
      { numRuns: 500 },
    );
  });
});
