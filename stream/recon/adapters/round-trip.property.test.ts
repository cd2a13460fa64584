// Entries written in a format and read again are the same entries; a changed digit of any amount is always refused.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minorUnitsOf } from './currency.ts';
import { readBytes } from './read.testkit.ts';
import { bai2Text, camtText, csvText, mt940Text, ofxText, type Written } from './writers.testkit.ts';

const RUNS = 40;
const MAPPING = {
  externalId: 'id',
  bookedAt: 'booked',
  valueDate: 'value',
  money: { amount: 'amount' },
  currency: 'currency',
  reference: 'ref',
  description: 'text',
  decimal: ',',
  dateFormat: 'dd.MM.yyyy',
};

const FORMATS = {
  mt940: { write: mt940Text, adapter: { kind: 'mt940' } },
  camt: { write: camtText, adapter: { kind: 'camt' } },
  bai2: { write: bai2Text, adapter: { kind: 'bai2' } },
  ofx: { write: ofxText, adapter: { kind: 'ofx' } },
  csv: { write: csvText, adapter: { kind: 'csv', delimiter: ';', mapping: MAPPING } },
} as const;

const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 .-]{0,12}[A-Za-z0-9]$/);
const day = fc.integer({ min: 10_957, max: 25_566 }).map((it) => new Date(it * 86_400_000).toISOString().slice(0, 10));
const later = (from: string, days: number): string => new Date(Date.parse(from) + days * 86_400_000).toISOString().slice(0, 10);

const written: fc.Arbitrary<Written> = fc
  .record({
    currency: fc.constantFrom('EUR', 'JPY', 'BHD', 'CLF', 'INR'),
    opening: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
    rows: fc.uniqueArray(
      fc.record({
        id: fc.stringMatching(/^[A-Z0-9]{4,12}$/),
        minor: fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n }).filter((it) => it !== 0n),
        value: day,
        lag: fc.integer({ min: -3, max: 20 }),
        reference: word,
        description: word,
        reversal: fc.boolean(),
      }),
      { selector: ({ id }) => id, maxLength: 12 },
    ),
  })
  .map(({ currency, opening, rows }) => ({
    currency,
    opening,
    rows: rows.map(({ lag, ...row }) => ({ ...row, booked: later(row.value, lag) })),
  }));

const textOf = (minor: bigint, currency: string): string => {
  const digits = minorUnitsOf(currency)!;
  const size = String(minor < 0n ? -minor : minor).padStart(digits + 1, '0');
  const text = digits === 0 ? size : `${size.slice(0, -digits)}.${size.slice(-digits)}`;
  return minor < 0n ? `-${text}` : text;
};

describe.each(Object.entries(FORMATS))('%s', (kind, { write, adapter }) => {
  it('entries → text → entries', async () => {
    await fc.assert(
      fc.asyncProperty(written, async (statement) => {
        const { entries, refused, statements } = await readBytes(write(statement), { adapter });
        expect(refused).toBe('');
        expect(
          entries.map((it) => [it.externalId, it.amount, it.currency, it.bookedAt, it.valueDate, it.reference, it.description]),
        ).toEqual(
          statement.rows.map((row) => {
            // BAI2 books everything on the day of its group; OFX has no value date here.
            const booked = kind === 'bai2' ? '2026-01-02' : row.booked;
            return [
              row.id,
              textOf(row.minor, statement.currency),
              statement.currency,
              booked,
              kind === 'ofx' ? null : row.value,
              row.reference,
              row.description,
            ];
          }),
        );
        if (kind === 'mt940') expect(entries.map(({ reversal }) => reversal)).toEqual(statement.rows.map(({ reversal }) => reversal));
        if (kind === 'mt940' || kind === 'camt' || kind === 'bai2') expect(statements[0]!.proofs).toContain('balances');
      }),
      { numRuns: RUNS },
    );
  });
});

describe.each(Object.entries(FORMATS).filter(([kind]) => kind !== 'csv' && kind !== 'ofx'))('%s', (_, { write, adapter }) => {
  it('an amount that differs by one minor unit refuses the file', async () => {
    await fc.assert(
      fc.asyncProperty(
        written.filter(({ rows }) => rows.length > 0),
        async (statement) => {
          const { refused } = await readBytes(write(statement, 1n), { adapter });
          expect(refused).toMatch(/LF_STATEMENT_REFUSED: .*a difference of -?[\d.]+/);
        },
      ),
      { numRuns: RUNS / 2 },
    );
  });
});
