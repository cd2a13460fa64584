// Signals for single rows: what MySQL is asked for, what the processor is told, and how long they may be.

import { describe, expect, it } from 'vitest';
import { catalogColumn } from '../../cdc/schema/source-table.ts';
import { readableKey } from './canonical.ts';
import { keyColumnsOf } from './digest-sql.ts';
import { planTable, type TablePlan } from './plan.ts';
import { canonicalKey, repairSignals } from './repair-signal.ts';

function planOf(columns: Readonly<Record<string, string>>): TablePlan {
  const described = Object.entries(columns).map(([name, type], index) =>
    catalogColumn(type, { name, nullable: false, position: index + 1, charset: null, generated: false }),
  );
  return planTable(
    { schema: { database: 'bank', table: 't', columns: described, keyColumns: Object.keys(columns) }, columnTypes: [] },
    { keys: null, rows: 0 },
  );
}

interface Data {
  readonly 'additional-conditions': readonly { readonly filter: string }[];
  readonly keys: readonly string[];
}
const parsed = (signal: string | undefined): Data => JSON.parse(signal ?? '') as Data;

describe('a signal for single rows', () => {
  it('names them for MySQL and for the processor', () => {
    const plan = planOf({ id: 'bigint' });
    const signals = repairSignals(
      'bank',
      plan,
      ['7', '-8'].map((key) => canonicalKey(plan, key)),
    );
    expect(signals).toHaveLength(1);
    expect(parsed(signals[0])).toMatchObject({ type: 'incremental', 'data-collections': ['bank.t'], keys: ['7', '-8'] });
    expect(parsed(signals[0])['additional-conditions']).toEqual([{ 'data-collection': 'bank.t', filter: '(`id` = 7) OR (`id` = -8)' }]);
  });

  it('carries texts, bytes, dates and instants without a quote that could end them', () => {
    const plan = planOf({ a: 'varchar(20)', b: 'binary(2)', c: 'date', d: 'datetime(6)' });
    const key = canonicalKey(plan, `x' OR 1|00FF|2026-11-21|1795243773000004`);
    expect(readableKey(keyColumnsOf(plan), key)).toBe(`x' OR 1|00FF|2026-11-21|1795243773000004`);
    expect(parsed(repairSignals('bank', plan, [key])[0])['additional-conditions'][0]?.filter).toBe(
      "(`a` = CONVERT(X'7827204F522031' USING utf8mb4) AND `b` = X'00FF' AND `c` = '2026-11-21' AND `d` = '2026-11-21 06:49:33.000004')",
    );
  });

  it('is cut into parts that fit the column', () => {
    const plan = planOf({ id: 'bigint' });
    const keys = Array.from({ length: 500 }, (_unused, index) => String(1_000_000 + index));
    const signals = repairSignals('bank', plan, keys);
    expect(signals.length).toBeGreaterThan(5);
    expect(Math.max(...signals.map((signal) => signal.length))).toBeLessThanOrEqual(2_048);
    expect(signals.flatMap((signal) => parsed(signal).keys)).toEqual(keys);
  });

  it.each(['1 OR 1 = 1', '', '7; DROP TABLE t', "7'"])('refuses %s for a whole number', (key) => {
    expect(() => canonicalKey(planOf({ id: 'bigint' }), key)).toThrow(/not a value of the key column id/);
  });

  it('refuses a key with too few parts, and a type that cannot name a row', () => {
    expect(() => canonicalKey(planOf({ a: 'int', b: 'int' }), '7')).toThrow(/it has 2 parts/);
    expect(() => repairSignals('bank', planOf({ d: 'double' }), ['1e1'])).toThrow(/single rows cannot be named/);
  });
});
