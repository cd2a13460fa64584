// The seed's sample, the boundaries of every tolerance, and each kind of match and break.

import { describe, expect, it } from 'vitest';
import { matchRows } from './engine.ts';
import type { MatchResult } from './match.ts';
import { DAY_MS, type MatchRow } from './row.ts';
import { ruleSetSchema, unitsOf, type RuleSet } from './rule-set.ts';

const NOON = Date.UTC(2025, 6, 13, 12);

function rulesOf(changes: object = {}): RuleSet {
  return ruleSetSchema.parse({ id: 'test', version: 1, ...changes });
}

function row(id: string, amount: string, changes: Partial<MatchRow> = {}): MatchRow {
  const sign = amount.startsWith('-') ? -1n : 1n;
  return { id, amount: sign * unitsOf(amount.replace('-', '')), currency: 'USD', at: NOON, reference: '', description: '', ...changes };
}

function shape({ matches, breaks }: MatchResult): unknown {
  return {
    matches: matches.map(({ tier, external, internal }) => [
      tier,
      external.map(({ id }) => id).join(),
      internal.map(({ id }) => id).join(),
    ]),
    breaks: breaks.map(({ reason, external, internal }) => [
      reason,
      external.map(({ id }) => id).join(),
      internal.map(({ id }) => id).join(),
    ]),
  };
}

describe("the seed's sample", () => {
  it('matches two of three exactly and one by its likeness', () => {
    const external = [
      row('T1', '100.00', { description: 'Invoice 1' }),
      row('T2', '250.50', { description: 'Invoice 2' }),
      row('X3', '75.25', { at: NOON + DAY_MS, reference: 'INV-2025-003', description: 'Payment Acme Corp' }),
    ];
    const internal = [
      row('T1', '100.00', { description: 'Invoice 1' }),
      row('T2', '250.50', { description: 'Invoice 2' }),
      row('T3', '75.25', { reference: 'INV2025003', description: 'Acme Corporation payment' }),
    ];
    const result = matchRows(external, internal, rulesOf({ amount: { above: { absolute: '1' }, below: { absolute: '1' } } }));
    expect(shape(result)).toEqual({
      matches: [
        ['exact_id', 'T1', 'T1'],
        ['exact_id', 'T2', 'T2'],
        ['exact_keys', 'X3', 'T3'],
      ],
      breaks: [],
    });
  });

  it('prints the components of the fuzzy one', () => {
    const external = [row('X3', '75.20', { at: NOON + DAY_MS, reference: 'INV-2025-003', description: 'Payment Acme Corp' })];
    const internal = [row('T3', '75.25', { reference: 'INV2025003', description: 'Acme Corporation payment' })];
    const [match] = matchRows(external, internal, rulesOf({ amount: { below: { absolute: '0.50' } } })).matches;
    expect(match?.components?.amount).toBeCloseTo(0.9, 9);
    expect(match?.components?.date).toBeCloseTo(2 / 3, 9);
    expect(match?.components?.reference).toBe(1);
    expect(match?.components?.description).toBeCloseTo((2 * (7 + 4 + 4)) / (15 + 22), 9);
    expect(match?.score).toBeCloseTo(0.4 * 0.9 + 0.2 * (2 / 3) + 0.25 + 0.15 * (30 / 37), 9);
  });
});

describe('gates include their ends', () => {
  const reference = 'PAY7';
  const rules = rulesOf({
    amount: { below: { absolute: '0.50' }, above: { absolute: '0.10', percent: '1' } },
    window: { beforeDays: 1, afterDays: 3 },
    suggest: 0.1,
    auto: 0.3,
  });

  it.each([
    ['100.00', '99.50', true],
    ['100.00', '99.4999', false],
    ['100.00', '101.00', true],
    ['100.00', '101.0001', false],
    ['5.00', '5.10', true],
    ['5.00', '5.1001', false],
  ])('internal %s against external %s: %s', (internal, external, matched) => {
    const { matches } = matchRows([row('e', external, { reference })], [row('i', internal, { reference })], rules);
    expect(matches.length).toBe(matched ? 1 : 0);
  });

  it.each([
    [-DAY_MS, true],
    [-DAY_MS - 1, false],
    [3 * DAY_MS, true],
    [3 * DAY_MS + 1, false],
  ])('external %d ms after internal: %s', (lag, matched) => {
    const { matches } = matchRows([row('e', '10', { reference, at: NOON + lag })], [row('i', '10', { reference })], rules);
    expect(matches.length).toBe(matched ? 1 : 0);
  });

  it('never cross currency or direction', () => {
    const same = { reference };
    expect(matchRows([row('e', '10', same)], [row('i', '10', { ...same, currency: 'INR' })], rules).matches).toEqual([]);
    expect(matchRows([row('e', '-10', same)], [row('i', '10', same)], rules).matches).toEqual([]);
  });
});

describe('certainty', () => {
  it('refuses to choose between equal pairs', () => {
    const twins = [row('i1', '20', { description: 'coffee' }), row('i2', '20', { description: 'coffee' })];
    const { matches, breaks } = matchRows([row('e1', '20', { description: 'coffee' })], twins, rulesOf());
    expect(matches).toEqual([]);
    expect(breaks.map(({ reason }) => reason)).toEqual(['ambiguous', 'missing_external']);
  });

  it('gives the greatest total where the nearest pair first would not', () => {
    // e1 is nearest to i1, but then e2 would have none.
    const external = [row('e1', '10.02', { description: 'a b' }), row('e2', '10.05', { description: 'a b' })];
    const internal = [row('i1', '10.02', { description: 'a b' }), row('i2', '10.00', { description: 'a b' })];
    const rules = rulesOf({ amount: { above: { absolute: '0.04' }, below: { absolute: '0.04' } }, auto: 0.1, suggest: 0, margin: 0 });
    const { matches, breaks } = matchRows(external, internal, rules);
    const pairs = [...matches, ...breaks.filter(({ score }) => score !== null)];
    expect(pairs.map(({ external: [one], internal: [other] }) => `${one?.id}-${other?.id}`).sort()).toEqual(['e1-i2', 'e2-i1']);
  });
});

describe('groups and breaks', () => {
  it('joins the parts of a split by the number they name, and a batch by its key', () => {
    const rules = rulesOf({ idPatterns: ['LF[ -]?0*(\\d+)'] });
    const external = [
      row('X1A', '60', { reference: 'LF41' }),
      row('X1B', '40', { reference: 'lf 41' }),
      row('B1', '-300', { reference: 'BATCH 7', description: 'RENT COLLECTION' }),
    ];
    const internal = [row('41', '100'), ...['51', '52', '53'].map((id) => row(id, '-100', { batchKey: 'rent 13' }))];
    expect(shape(matchRows(external, internal, rules))).toEqual({
      matches: [
        ['group', 'X1A,X1B', '41'],
        ['group', 'B1', '51,52,53'],
      ],
      breaks: [],
    });
  });

  it('leaves two batches of one sum and two lines that say the same to a person, as one break', () => {
    const batch = (shop: string, ...parts: (readonly [string, string])[]): MatchRow[] =>
      parts.map(([id, amount]) => row(id, amount, { batchKey: shop, description: 'rent' }));
    const internal = [
      ...batch('shop 1', ['41', '-100'], ['42', '-200']),
      ...batch('shop 2', ['51', '-250'], ['52', '-50']),
      ...batch('shop 3', ['61', '-10'], ['62', '-20']),
    ];
    const line = (id: string, amount: string): MatchRow => row(id, amount, { reference: 'BATCH 7', description: 'RENT COLLECTION' });
    const rules = rulesOf({ idPatterns: ['LF(\\d+)'] });
    expect(shape(matchRows([line('B1', '-300'), line('B2', '-300'), line('B3', '-30')], internal, rules))).toEqual({
      matches: [['group', 'B3', '61,62']],
      breaks: [['ambiguous', 'B1,B2', '41,42,51,52']],
    });
    const { breaks } = matchRows([line('B1', '-300')], internal.slice(0, 4), rules);
    expect(breaks).toMatchObject([{ reason: 'ambiguous', why: '2 sums of rows fit 1 row: nothing says which is whose' }]);
  });

  it('names amount, date, currency, duplicates and what is missing', () => {
    const rules = rulesOf({ idPatterns: ['LF(\\d+)'] });
    const external = [
      row('X1', '10.50', { reference: 'LF1' }),
      row('X2', '20', { reference: 'LF2', at: NOON + 9 * DAY_MS }),
      row('X3', '30', { reference: 'LF3', currency: 'INR' }),
      row('X4', '40', { reference: 'LF4' }),
      row('X4D', '40', { reference: 'LF4' }),
      row('X5', '50', { description: 'UNKNOWN' }),
      row('X6', '64', { description: 'CORNER GROCER' }),
    ];
    const internal = [
      row('1', '10'),
      row('2', '20'),
      row('3', '30'),
      row('4', '40'),
      row('6', '60', { description: 'Corner Grocer' }),
      row('7', '70'),
    ];
    expect(shape(matchRows(external, internal, rules))).toEqual({
      matches: [['exact_id', 'X4', '4']],
      breaks: [
        ['duplicate', 'X4D', ''],
        ['amount', 'X1', '1'],
        ['date', 'X2', '2'],
        ['currency', 'X3', '3'],
        ['amount', 'X6', '6'],
        ['missing_internal', 'X5', ''],
        ['missing_external', '', '7'],
      ],
    });
  });

  it('keeps a row that was booked twice from the partner of another one', () => {
    const named = (id: string, reference: string): MatchRow => row(id, '20.00', { reference, description: 'CASH WITHDRAWAL' });
    const internal = [row('7447', '20.00', { description: 'cash withdrawal' }), row('7485', '20.00', { description: 'cash withdrawal' })];
    const result = matchRows([named('X1', 'LF7447'), named('X1D', 'LF7447')], internal, rulesOf({ idPatterns: ['LF(\\d+)'] }));
    expect(shape(result)).toEqual({
      matches: [['exact_id', 'X1', '7447']],
      breaks: [
        ['duplicate', 'X1D', ''],
        ['missing_external', '', '7485'],
      ],
    });
  });

  it('keeps a part of a split from another row of its amount', () => {
    const part = (id: string, amount: string): MatchRow => row(id, amount, { reference: 'LF02480', description: 'CORNER MARKET SEATTLE' });
    const internal = [
      row('2480', '-9.83', { description: 'Corner Market Seattle' }),
      row('2491', '-3.94', { description: 'Corner Market Seattle' }),
    ];
    expect(shape(matchRows([part('X1A', '-5.89'), part('X1B', '-3.94')], internal, rulesOf({ idPatterns: ['LF0*(\\d+)'] })))).toEqual({
      matches: [['group', 'X1A,X1B', '2480']],
      breaks: [['missing_external', '', '2491']],
    });
  });

  it('goes by the value date where it is our day: a late line finds its own row, and another day is not booked twice', () => {
    const rules = rulesOf({ dateBy: 'value', timePrecision: 'day', idPatterns: ['LF(\\d+)'] });
    const cash = (id: string, day: number, valued = day): MatchRow =>
      row(id, '-20', { at: NOON + day * DAY_MS, valueAt: NOON + valued * DAY_MS, description: 'CASH WITHDRAWAL' });
    expect(shape(matchRows([cash('X1', 10, 0)], [cash('1', 0), cash('2', 9)], rules))).toEqual({
      matches: [],
      breaks: [
        ['date', 'X1', '1'],
        ['missing_external', '', '2'],
      ],
    });
    const lines = [cash('X1', 1, 0), cash('X2', 1), cash('X3', 1)];
    const { breaks } = matchRows(lines, [cash('1', 0), cash('2', 1), cash('3', 1)], rules);
    expect(breaks.map(({ reason }) => reason)).toEqual(['ambiguous', 'ambiguous']);
  });

  it('takes a sum of rows without a key only if it is the only one and they speak of the same', () => {
    const parts = [
      row('i1', '30', { description: 'ACME WEEK 1' }),
      row('i2', '45', { description: 'ACME WEEK 2' }),
      row('i3', '5', { description: 'OTHER' }),
    ];
    const { matches } = matchRows([row('e', '75', { description: 'ACME' })], parts, rulesOf());
    expect(shape({ matches, breaks: [] })).toEqual({ matches: [['subset_sum', 'e', 'i1,i2']], breaks: [] });
    const twice = [...parts, row('i4', '45', { description: 'ACME WEEK 3' })];
    expect(matchRows([row('e', '75', { description: 'ACME' })], twice, rulesOf()).matches).toEqual([]);
  });
});
