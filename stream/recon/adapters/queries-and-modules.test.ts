// Sources that are no file of a bank: a lake query, a MySQL query without a server, a custom module; and what a registry refuses.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import type { SourceDoors, StatementPart } from './port.ts';
import { lakeQuery } from './query/lake.ts';
import { inputsOf, readInput } from './read.ts';
import { parseSource, parseSources } from './registry.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lf-source-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function read(source: object, doors: Partial<SourceDoors> = {}, file?: string): Promise<StatementPart[]> {
  const request = { source: parseSource({ name: 'test', ...source }, 'test'), businessDate: '2026-01-02' };
  const all = { folder, ...doors };
  const input = file === undefined ? (await inputsOf(request, all))[0]! : { name: file, file };
  const parts: StatementPart[] = [];
  for await (const part of readInput(request, input, all)) parts.push(part);
  return parts;
}

const refusalOf = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(() => null).catch((thrown: unknown) => thrown);
  if (!(error instanceof LedgerflowError)) throw new Error('nothing was refused by its own error', { cause: error });
  return `${error.code}: ${error.message}`;
};

describe('lake query', () => {
  const mapping = { externalId: 'id', bookedAt: 'at', money: { amount: 'amount' }, constants: { currency: 'USD' }, dateFormat: 'iso' };

  it('reads decimals as they are, binds the day, and takes nothing but a SELECT', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const lake = lakeQuery(() => instance.connect());
    const sql = `SELECT 'Q' || i AS id, CAST($date AS TIMESTAMP) + INTERVAL 1 HOUR AS at, CAST(12345678901234.5 + i AS DECIMAL(38,4)) AS amount FROM range(2500) r(i)`;
    const parts = await read({ adapter: { kind: 'lake', sql, mapping } }, { lake });
    const entries = parts.flatMap((part) => (part.kind === 'rows' ? part.entries : []));
    expect(entries.length).toBe(2_500);
    expect(entries[2]).toMatchObject({ externalId: 'Q2', amount: '12345678901236.50', bookedAt: '2026-01-02T01:00:00.000Z' });
    const end = parts.at(-1)!;
    expect(end.kind === 'end' && end.end).toMatchObject({ name: 'lake:test 2026-01-02', entries: 2_500, format: 'lake' });
    const write = read({ adapter: { kind: 'lake', sql: 'CREATE TABLE t (i INTEGER)', mapping } }, { lake });
    expect(await refusalOf(write)).toMatch(/LF_STATEMENT_INPUT.*syntax error/i);
    instance.closeSync();
  });

  it('is refused where there is no lake, and MySQL where there is none', async () => {
    expect(await refusalOf(read({ adapter: { kind: 'lake', sql: 'SELECT 1', mapping } }))).toMatch(/a lake query is not possible here/);
    expect(await refusalOf(read({ adapter: { kind: 'mysql', sql: 'SELECT 1', mapping } }))).toMatch(/a mysql query is not possible here/);
    const named = read({ adapter: { kind: 'mysql', url: 'theirs', sql: 'SELECT 1', mapping } });
    expect(await refusalOf(named)).toMatch(/there is no secret "theirs"/);
    const silent = read(
      { adapter: { kind: 'mysql', url: 'theirs', sql: 'SELECT 1', mapping } },
      { secret: () => 'mysql://u:hidden@127.0.0.1:9/x' },
    );
    const said = await refusalOf(silent);
    expect(said).toMatch(/LF_STATEMENT_INPUT.*ECONNREFUSED/);
    expect(said).not.toContain('hidden');
  });
});

describe('custom module', () => {
  const MODULE = `export async function* read({ text, options }) {
    let all = '';
    for await (const chunk of text) all += chunk;
    const [head, ...lines] = all.trim().split('\\n');
    yield { kind: 'open', line: 1, statement: { account: options.account, currency: 'CHF', opening: { amount: head } } };
    let line = 1;
    for (const raw of lines.slice(0, -1)) {
      line += 1;
      const [amount, bookedAt] = raw.split(' ');
      yield { kind: 'entry', line, raw, amount, bookedAt };
    }
    yield { kind: 'close', line: line + 1, stated: { closing: { amount: lines.at(-1) } } };
  }`;
  const source = { adapter: { kind: 'custom', module: 'acme.mjs', options: { account: 'A1' } }, badLines: 'park' };

  it('is read like any other format: tied, parked, numbered', async () => {
    writeFileSync(path.join(folder, 'acme.mjs'), MODULE);
    writeFileSync(
      path.join(folder, 'good.txt'),
      '10.00\n1.50 2026-01-02\n-2.00 2026-02-30\n1.001 2026-01-03\n9.50\n'.replace('1.001', '0.00'),
    );
    const parts = await read(source, {}, 'good.txt');
    const rows = parts.flatMap((part) => (part.kind === 'rows' ? [part] : []));
    expect(rows.flatMap(({ entries }) => entries.map(({ line, amount, account }) => [line, amount, account]))).toEqual([[2, '1.50', 'A1'], [4, '0.00', 'A1']]); // prettier-ignore
    expect(rows.flatMap(({ parked }) => parked)).toMatchObject([
      { line: 3, amount: '-2.00', reason: expect.stringContaining('no such day') },
    ]);
    writeFileSync(path.join(folder, 'wrong.txt'), '10.00\n1.50 2026-01-02\n11.51\n');
    expect(await refusalOf(read(source, {}, 'wrong.txt'))).toMatch(/a difference of 0\.01 CHF/);
  });

  it('must lie beside the configuration and export read', async () => {
    writeFileSync(path.join(folder, 'good.txt'), '1\n1\n');
    expect(await refusalOf(read(source, {}, 'good.txt'))).toMatch(/LF_STATEMENT_SOURCE: module acme\.mjs: ENOENT/);
    writeFileSync(path.join(folder, 'acme.mjs'), 'export const other = 1;');
    expect(await refusalOf(read(source, {}, 'good.txt'))).toMatch(/exports no function "read"/);
    mkdirSync(path.join(folder, 'inner'));
    symlinkSync(path.join(folder, 'acme.mjs'), path.join(folder, 'inner', 'link.mjs'));
    const outside = { adapter: { kind: 'custom', module: 'link.mjs' } };
    writeFileSync(path.join(folder, 'inner', 'good.txt'), '1\n1\n');
    expect(await refusalOf(read(outside, { folder: path.join(folder, 'inner') }, 'good.txt'))).toMatch(/lies outside the folder/);
  });
});

describe('places and registries', () => {
  it('finds the files of a day by name, in order', async () => {
    for (const name of ['acct-b-20260102.csv', 'acct-a-20260102.csv', 'acct-a-20260103.csv']) writeFileSync(path.join(folder, name), 'x');
    const source = parseSource({ name: 'test', adapter: { kind: 'csv' }, location: 'acct-*-{date:yyyyMMdd}.csv' }, 'test');
    const inputs = await inputsOf({ source, businessDate: '2026-01-02' }, { folder });
    expect(inputs.map(({ name }) => name)).toEqual(['acct-a-20260102.csv', 'acct-b-20260102.csv']);
    expect(await refusalOf(inputsOf({ source, businessDate: '2026-01-05' }, { folder }))).toMatch(
      /LF_STATEMENT_INPUT.*no file for 2026-01-05/,
    );
  });

  it.each([
    ['{', /not JSON/],
    ['{"sources": [{"name": "Bad Name", "adapter": {"kind": "camt"}}]}', /sources\.0\.name: small letters/],
    ['{"sources": [{"name": "a", "adapter": {"kind": "fax"}}]}', /sources\.0\.adapter\.kind/],
    ['{"sources": [{"name": "a", "adapter": {"kind": "camt"}, "timezone": "Mars/Base"}]}', /timezone: a time zone/],
    ['{"sources": [{"name": "a", "adapter": {"kind": "camt"}, "colour": 1}]}', /Unrecognized key/],
    ['{"sources": [{"name": "a", "adapter": {"kind": "camt"}}, {"name": "a", "adapter": {"kind": "ofx"}}]}', /two sources are called "a"/],
  ])('refuses %s', (text, why) => {
    expect(() => parseSources(text, 'file')).toThrow(why);
  });
});
