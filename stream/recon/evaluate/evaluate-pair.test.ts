// Two files that nobody described: what is understood of them, and that neither the truth nor the order of rows is matched by.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../../processor/cut/testing/random.ts';
import { noisyPayments } from '../match/probable/testkit-payments.ts';
import type { MatchRow } from '../match/row.ts';
import { Sources } from '../run/source.ts';
import { columnsOf } from './pair-columns.ts';
import { evaluatePair, type PairEvaluation } from './evaluate-pair.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'lf-pair-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, lines: readonly string[]): string {
  writeFileSync(path.join(folder, name), `${lines.join('\n')}\n`);
  return path.join(folder, name);
}

async function evaluated(asked: { external: string; internal: string; labels?: string; truthColumn?: string }): Promise<PairEvaluation> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const sources = new Sources(folder);
  try {
    return await evaluatePair(connection, {
      ...{ labels: null, truthColumn: null, ...asked, told: { external: new Map(), internal: new Map() } },
      rules: { withNumbers: sources.rulesOf('default'), withoutNumbers: sources.rulesOf('payments') },
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const day = ({ at }: MatchRow): string => new Date(at).toISOString().slice(0, 10);
const money = ({ amount }: MatchRow): string => `${amount / 10_000n}.${String((amount % 10_000n) / 100n).padStart(2, '0')}`;

describe('files of payments without numbers', () => {
  const random = new Random(21);
  const { external, internal, truth } = noisyPayments(600, () => random.next());
  const partner = new Map([...truth].map((pair) => pair.split(' ').reverse() as [string, string]));
  const shuffled = [...external].sort((one, other) => (one.description < other.description ? -1 : 1));

  it('reads the columns, keeps a number that is the truth out of it, and finds the pairs', async () => {
    const found = await evaluated({
      external: file('bank.csv', ['unique_id,truth,memo,transaction_date,amount', ...shuffled.map((row) => `${row.id},${row.id},${row.description},${day(row)},${money(row)}`)]),
      internal: file('books.ndjson', internal.map((row) => JSON.stringify({ unique_id: partner.get(row.id) ?? row.id, truth: partner.get(row.id) ?? row.id, details: row.description, booked: day(row), value: Number(money(row)) }))),
      truthColumn: 'truth',
    });
    expect(found.external.columns).toMatchObject({ id: 'unique_id', date: 'transaction_date', money: { amount: 'amount' }, currency: null, texts: ['memo'] });
    expect(found.internal.columns).toMatchObject({ id: 'unique_id', date: 'booked', money: { amount: 'value' }, texts: ['details'] });
    expect(found.numbers.used).toBe(false);
    expect(found.rules).toBe('payments v1');
    expect(found.truePairs).toBe(truth.size);
    expect(found.confirmed.precision).toBeGreaterThanOrEqual(0.97);
    expect(found.confirmed.f1).toBeGreaterThanOrEqual(0.9);
    expect(found.confirmedAndSuggested.recall).toBeGreaterThanOrEqual(found.confirmed.recall);
  }); // prettier-ignore
});

describe('files with numbers', () => {
  it('ties rows by numbers that are about the same money, with other signs, marks and dates', async () => {
    const rows = Array.from({ length: 60 }, (_, at) => ({ id: `T${at}`, cents: 10_000 + at * 37 }));
    const found = await evaluated({
      external: file('a.csv', ['id;date;amount;text', ...rows.map(({ id, cents }, at) => `${id};${1 + (at % 28)}.3.2026;"${String(cents / 100).replace('.', ',')}";paid`)]),
      internal: file('b.csv', ['txn_id,date,debit,credit,description', ...rows.map(({ id, cents }, at) => `${id},2026-03-${String(1 + (at % 28)).padStart(2, '0')},${cents / 100},,paid`)]),
      labels: file('labels.csv', ['external,internal', ...rows.map(({ id }) => `${id},${id}`)]),
    });
    expect(found.numbers.used).toBe(true);
    expect(found.signs).toBe('internal amounts turned');
    expect(found.confirmed).toMatchObject({ pairs: 60, precision: 1, recall: 1 });
  }); // prettier-ignore

  it('do not tie rows when they only count the lines', async () => {
    const line = (at: number, amount: number): string => `${at},2026-03-01,${amount},memo ${at}`;
    const found = await evaluated({
      external: file('c.csv', ['id,date,amount,memo', ...Array.from({ length: 30 }, (_, at) => line(at, 100 + at * 90))]),
      internal: file('d.csv', ['id,date,amount,memo', ...Array.from({ length: 30 }, (_, at) => line(at, 100 + (29 - at) * 90))]),
      labels: file('none.csv', ['external,internal']),
    });
    expect(found.numbers).toMatchObject({ used: false, why: expect.stringContaining('like amounts') as string });
  });
});

describe('the columns of a file', () => {
  it('are refused by name when one is missing', () => {
    const columns = [{ name: 'memo', type: 'VARCHAR' }];
    expect(() => columnsOf(columns, new Map(), new Set(), 'x.csv')).toThrow('no column is known to be a date; the columns are memo');
    expect(() => columnsOf(columns, new Map([['date', 'when']]), new Set(), 'x.csv')).toThrow('there is no column when for date');
  });
});
