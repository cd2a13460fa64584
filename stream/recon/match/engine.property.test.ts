// What holds for any rows: nothing is lost, the order of input changes nothing, strangers change nothing, money ties.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchRows } from './engine.ts';
import { DAY_MS, type MatchRow } from './row.ts';
import { ruleSetSchema } from './rule-set.ts';

const NOON = Date.UTC(2025, 6, 13, 12);

const anyRow = fc.record({
  amount: fc.integer({ min: 1, max: 400 }).map((cents) => BigInt(cents) * 100n),
  currency: fc.constantFrom('USD', 'INR'),
  at: fc.integer({ min: 0, max: 96 }).map((hours) => NOON + (hours * DAY_MS) / 24),
  reference: fc.constantFrom('', '', 'R1', 'R2', 'LF3'),
  description: fc.constantFrom('', 'corner grocer', 'CORNER GROC', 'rent'),
  batchKey: fc.constantFrom('', '', 'B'),
});
const rowsOf = (side: string): fc.Arbitrary<MatchRow[]> =>
  fc.array(anyRow, { maxLength: 14 }).map((rows) => rows.map((each, at) => ({ id: `${side}${at}`, ...each })));
const loose = ruleSetSchema.parse({
  id: 'loose',
  version: 1,
  amount: { below: { absolute: '0.50' }, above: { absolute: '0.50' } },
  idPatterns: ['LF(\\d+)'],
  suggest: 0.3,
});

describe('for any rows', () => {
  it('every row is in exactly one match or break', () => {
    fc.assert(
      fc.property(rowsOf('e'), rowsOf('i'), (external, internal) => {
        const { matches, breaks } = matchRows(external, internal, loose);
        const all = [...matches, ...breaks];
        expect(all.flatMap((each) => each.external.map(({ id }) => id)).sort()).toEqual(external.map(({ id }) => id).sort());
        expect(all.flatMap((each) => each.internal.map(({ id }) => id)).sort()).toEqual(internal.map(({ id }) => id).sort());
      }),
      { numRuns: 300 },
    );
  });

  it('the order of input changes nothing', () => {
    const both = fc
      .tuple(rowsOf('e'), rowsOf('i'))
      .chain(([external, internal]) =>
        fc.tuple(
          fc.constant({ external, internal }),
          fc.shuffledSubarray(external, { minLength: external.length }),
          fc.shuffledSubarray(internal, { minLength: internal.length }),
        ),
      );
    fc.assert(
      fc.property(both, ([{ external, internal }, otherExternal, otherInternal]) => {
        expect(matchRows(otherExternal, otherInternal, loose)).toEqual(matchRows(external, internal, loose));
      }),
      { numRuns: 300 },
    );
  });

  it('a row that has nothing to do with the others changes no match', () => {
    const far = { currency: 'EUR', at: NOON + 300 * DAY_MS, reference: '', description: 'stranger' };
    const stranger = { id: 'zz', amount: 9_876_540_000n, ...far };
    fc.assert(
      fc.property(rowsOf('e'), rowsOf('i'), (external, internal) => {
        expect(matchRows([...external, stranger], internal, loose).matches).toEqual(matchRows(external, internal, loose).matches);
      }),
      { numRuns: 200 },
    );
  });

  it('the money of every match ties within the tolerance', () => {
    fc.assert(
      fc.property(rowsOf('e'), rowsOf('i'), (external, internal) => {
        for (const match of matchRows(external, internal, loose).matches) {
          const sum = (rows: readonly MatchRow[]): bigint => rows.reduce((total, { amount }) => total + amount, 0n);
          const difference = sum(match.external) - sum(match.internal);
          expect(difference <= 5_000n && difference >= -5_000n).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
