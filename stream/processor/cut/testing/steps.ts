// What may happen at one GTID number, and how fast-check draws a sequence of it.

import fc from 'fast-check';

/** Keys of each table. */
export const KEYS = 7;

export type Step =
  | {
      readonly kind: 'transaction';
      readonly events: readonly { table: number; key: number; change: 'upsert' | 'delete' | 'move' }[];
      readonly ignored: number;
      readonly corrupt: boolean;
    }
  | { readonly kind: 'giant'; readonly table: number; readonly count: number }
  | { readonly kind: 'empty' | 'nothing' }
  | { readonly kind: 'truncate'; readonly table: number }
  | { readonly kind: 'ddl'; readonly records: number }
  | { readonly kind: 'createAsSelect' }
  | { readonly kind: 'xa'; readonly table: number; readonly count: number }
  | { readonly kind: 'incremental'; readonly table: number; readonly keys: readonly number[] }
  | { readonly kind: 'garbage'; readonly table: number };

const table = fc.nat({ max: 2 });
const change = fc.constantFrom('upsert', 'upsert', 'upsert', 'delete', 'move');
const event = fc.record({ table, key: fc.nat({ max: KEYS - 1 }), change }) as fc.Arbitrary<{
  table: number;
  key: number;
  change: 'upsert' | 'delete' | 'move';
}>;
const transaction = fc.record({
  kind: fc.constant('transaction' as const),
  events: fc.array(event, { minLength: 1, maxLength: 5 }),
  ignored: fc.constantFrom(0, 0, 0, 2),
  corrupt: fc.constantFrom(false, false, false, false, false, false, true),
});

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: transaction },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('giant' as const), table, count: fc.integer({ min: 30, max: 90 }) }) },
    { weight: 2, arbitrary: fc.constant<Step>({ kind: 'empty' }) },
    { weight: 2, arbitrary: fc.constant<Step>({ kind: 'nothing' }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('truncate' as const), table }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('ddl' as const), records: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 1, arbitrary: fc.constant<Step>({ kind: 'createAsSelect' }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('xa' as const), table, count: fc.integer({ min: 1, max: 3 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('incremental' as const),
        table: fc.constantFrom(0, 1, 1, 2),
        keys: fc.uniqueArray(fc.nat({ max: KEYS - 1 }), { minLength: 1, maxLength: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('garbage' as const), table }) },
  ),
  { minLength: 1, maxLength: 40 },
);
