import { describe, expect, it } from 'vitest';
import { decode, differencesOf, encode, ENTRY_COLUMNS, TRANSACTION_COLUMNS, type LedgerTransaction, type Row } from './encoding.ts';

const row: Row = TRANSACTION_COLUMNS.map((column) => (column === 'metadata' ? null : `${column} "\n☃`));
const entry = (leg: string, amount = '5.0000'): Row => ENTRY_COLUMNS.map((c) => (c === 'leg' ? leg : c === 'amount' ? amount : null));
const sealed: LedgerTransaction = { row, entries: [entry('1'), entry('2')] };

describe('the canonical form', () => {
  it('is one line and comes back as it was', () => {
    expect(encode(sealed)).not.toContain('\n');
    expect(decode(encode(sealed))).toEqual(sealed);
    expect(() => decode('["ledgerflow.ledger/9", null, []]')).toThrow('not ledgerflow.ledger/1');
  });

  it('tells NULL from text', () => {
    const text = { row: row.map((cell) => cell ?? 'null'), entries: sealed.entries };
    expect(encode(text)).not.toBe(encode(sealed));
  });
});

describe('differences', () => {
  it('name columns of the transaction and of entries by leg', () => {
    const now = { row: row.with(TRANSACTION_COLUMNS.indexOf('amount'), '7.0000'), entries: [entry('1'), entry('2', '7.0000')] };
    expect(differencesOf(sealed, now)).toEqual([
      { field: 'amount', was: 'amount "\n☃', is: '7.0000' },
      { field: 'leg 2 amount', was: '5.0000', is: '7.0000' },
    ]);
    expect(differencesOf(sealed, sealed)).toEqual([]);
  });

  it('name rows that are gone or new', () => {
    expect(differencesOf(sealed, { row: null, entries: [entry('1'), entry('2'), entry('3')] })).toMatchObject([
      { field: 'transaction', is: null },
      { field: 'leg 3', was: null, is: 'leg 3, amount 5.0000' },
    ]);
  });
});
