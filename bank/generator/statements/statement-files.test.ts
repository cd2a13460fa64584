import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Movement } from '../world/event.ts';
import { planEvents } from '../world/plan.ts';
import { planPopulation } from '../world/population.ts';
import type { BreakTruth, MatchTruth } from './line.ts';
import { StatementFiles } from './statement-files.ts';

const UNTIL_MS = Date.parse('2026-10-01T00:00:00Z');
const SPAN = { fromMs: Date.parse('2026-08-01T00:00:00Z'), untilMs: UNTIL_MS, fraudRate: 0.002, faultRate: 0.005 };
/** transaction_id is the movement's number and this. */
const BASE = 5_000n;

let folder: string;
let movements: Map<bigint, Movement>;
const matches: MatchTruth[] = [];
const breaks: BreakTruth[] = [];

function write(directory: string, told = { match: (_: MatchTruth): void => undefined, break: (_: BreakTruth): void => undefined }): void {
  const world = planPopulation(31, 80);
  const files = new StatementFiles({ directory, world, breakRate: 0.05, truth: told });
  movements = new Map();
  for (const event of planEvents(world, SPAN)) {
    const movement = event.kind === 'resolution' ? event.of : event.kind === 'movement' && event.status !== 'pending' ? event : null;
    if (movement === null || (event.kind !== 'device' && event.status === 'failed')) continue;
    movements.set(BASE + BigInt(movement.n), movement);
    files.movement({ kind: 'settled', movement, status: 'posted', postedMs: event.at }, BASE + BigInt(movement.n));
  }
  files.close(UNTIL_MS);
}

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lf-statements-'));
  write(path.join(folder, 'one'), { match: (it) => void matches.push(it), break: (it) => void breaks.push(it) });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Entry {
  readonly id: string;
  readonly amount: bigint;
}

interface Read {
  readonly file: string;
  readonly opening: bigint;
  readonly closing: bigint | null;
  readonly entries: readonly Entry[];
}

const minor = (text: string): bigint => BigInt(text.replace('.', ''));

function readCsv(file: string): Read {
  // What stands after the last line end is nothing, or a line that was cut off.
  const lines = readFileSync(path.join(folder, 'one', file), 'utf8')
    .split('\n')
    .slice(0, -1);
  const rows = lines.map((line) => line.split(','));
  const entries = rows.filter(([kind]) => kind === 'E').map((row) => ({ id: row[1]!, amount: minor(row[4]!) }));
  const trailer = rows.find(([kind, ...rest]) => kind === 'T' && rest.length === 4);
  return { file, opening: minor(rows[0]![4]!), closing: trailer === undefined ? null : minor(trailer[4]!), entries };
}

function readCamt(file: string): Read {
  const text = readFileSync(path.join(folder, 'one', file), 'utf8');
  const signed = (xml: string): bigint => {
    const [, amount, side] = /<Amt Ccy="...">([\d.]+)<\/Amt><CdtDbtInd>(....)</.exec(xml)!;
    return side === 'DBIT' ? -minor(amount!) : minor(amount!);
  };
  const [opening, closing] = [...text.matchAll(/<Bal>.*?<\/Bal>/g)].map(([xml]) => signed(xml));
  const entries = [...text.matchAll(/<Ntry><NtryRef>(.*?)<\/NtryRef>(.*?)<\/Ntry>/g)].map(([, id, xml]) => ({
    id: id!,
    amount: signed(xml!),
  }));
  return { file, opening: opening!, closing: text.endsWith('</Document>\n') ? closing! : null, entries };
}

function readAll(): Read[] {
  const files = readdirSync(path.join(folder, 'one'), { recursive: true, encoding: 'utf8' }).sort();
  return files.filter((it) => /\.(xml|csv)$/.test(it)).map((it) => (it.endsWith('xml') ? readCamt(it) : readCsv(it)));
}

describe('external statements', () => {
  it('tie, each day with the day before, but for the files labelled as wrong', () => {
    const wrong = new Map(breaks.flatMap(({ file, kind }) => (file === undefined ? [] : [[file, kind] as const])));
    expect(wrong.size).toBeGreaterThan(0);
    let before: Read | undefined;
    for (const read of readAll()) {
      const sum = read.entries.reduce((total, { amount }) => total + amount, read.opening);
      const sameAccount = before !== undefined && path.dirname(before.file) === path.dirname(read.file);
      if (sameAccount && !wrong.has(before!.file)) expect(read.opening).toBe(before!.closing);
      if (!wrong.has(read.file)) expect(read.closing).toBe(sum);
      else if (wrong.get(read.file) === 'total_mismatch') expect(read.closing).not.toBe(sum);
      else expect(read.closing).toBeNull();
      before = read;
    }
  });

  it('show what the truth says: matches sum up, breaks have their property', () => {
    const entries = new Map(readAll().flatMap((read) => read.entries.map((entry) => [entry.id, entry.amount] as const)));
    const amountOf = (id: bigint): bigint => {
      const { direction, amount } = movements.get(id)!;
      return direction === 'CREDIT' ? amount : -amount;
    };
    const differing = new Map(breaks.filter(({ kind }) => kind === 'amount').map((it) => [it.external_ids![0]!, it.difference_minor!]));
    let compared = 0;
    for (const { external_ids, transaction_ids } of matches) {
      if (!external_ids.every((id) => entries.has(id))) continue; // in a malformed file, or not booked yet
      const theirs = external_ids.reduce((sum, id) => sum + entries.get(id)!, 0n);
      const ours = transaction_ids.reduce((sum, id) => sum + amountOf(id), 0n);
      const difference = differing.get(external_ids[0]!) ?? 0n;
      expect(theirs - ours).toBe(ours < 0n ? -difference : difference);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(3_000);
    const kinds = new Set(breaks.map(({ kind }) => kind));
    for (const kind of ['missing_internal', 'missing_external', 'amount', 'date', 'duplicate', 'split', 'expected'])
      expect(kinds).toContain(kind);
    const matched = new Set(matches.flatMap(({ transaction_ids }) => transaction_ids));
    for (const { kind, transaction_ids } of breaks) if (kind === 'missing_external') expect(matched.has(transaction_ids![0]!)).toBe(false);
    expect(matches.some(({ kind, transaction_ids }) => kind === 'batch' && transaction_ids.length > 1)).toBe(true);
  });

  it('cover every movement that leaves the bank: matched, or a break that says it is missing', () => {
    const told = new Set([
      ...matches.flatMap(({ transaction_ids }) => transaction_ids),
      ...breaks.flatMap(({ kind, transaction_ids }) => (kind === 'missing_external' ? (transaction_ids ?? []) : [])),
    ]);
    const leaving = [...movements].filter(([, { type }]) => ['DEPOSIT', 'WITHDRAWAL', 'PURCHASE', 'REFUND'].includes(type));
    expect(leaving.filter(([id]) => !told.has(id))).toEqual([]);
  });

  it('are the same files for the same seed', () => {
    write(path.join(folder, 'two'));
    const hashOf = (name: string): string => {
      const hash = createHash('sha256');
      const root = path.join(folder, name);
      for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort())
        if (/\.(xml|csv)$/.test(file)) hash.update(file).update(readFileSync(path.join(root, file)));
      return hash.digest('hex');
    };
    expect(hashOf('two')).toBe(hashOf('one'));
  });
});
