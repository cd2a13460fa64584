// The statements that the generator writes for the banks on the other side, read by the adapters as they are.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Movement } from '../../bank/generator/world/event.ts';
import { StatementFiles } from '../../bank/generator/statements/statement-files.ts';
import type { BreakTruth, MatchTruth } from '../../bank/generator/statements/line.ts';
import { planEvents } from '../../bank/generator/world/plan.ts';
import { planPopulation } from '../../bank/generator/world/population.ts';
import type { LedgerflowError } from '../../infra/runtime/errors.ts';
import { inputsOf, readInput } from '../../stream/recon/adapters/read.ts';
import { parseSources } from '../../stream/recon/adapters/registry.ts';
import type { SourceConfig } from '../../stream/recon/adapters/source-config.ts';
import type { StatementEntry } from '../../stream/recon/adapters/port.ts';

const UNTIL_MS = Date.parse('2026-09-15T00:00:00Z');
const SPAN = { fromMs: Date.parse('2026-08-15T00:00:00Z'), untilMs: UNTIL_MS, fraudRate: 0.002, faultRate: 0.005 };
const SOURCES = path.join(import.meta.dirname, '../../stream/recon/sources/generated.json');

let folder: string;
const matches: MatchTruth[] = [];
const breaks: BreakTruth[] = [];
const posted = new Map<bigint, Movement>();

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lf-generated-'));
  const world = planPopulation(47, 60);
  const truth = { match: (it: MatchTruth) => void matches.push(it), break: (it: BreakTruth) => void breaks.push(it) };
  const files = new StatementFiles({ directory: folder, world, breakRate: 0.05, truth });
  for (const event of planEvents(world, SPAN)) {
    const movement = event.kind === 'resolution' ? event.of : event.kind === 'movement' && event.status !== 'pending' ? event : null;
    if (movement === null || (event.kind !== 'device' && event.status === 'failed')) continue;
    posted.set(BigInt(movement.n), movement);
    files.movement({ kind: 'settled', movement, status: 'posted', postedMs: event.at }, BigInt(movement.n));
  }
  files.close(UNTIL_MS);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly entries: readonly StatementEntry[];
  readonly refused: string | null;
}

function sourceNamed(name: string): SourceConfig {
  return parseSources(readFileSync(SOURCES, 'utf8'), SOURCES).find((source) => source.name === name)!;
}

async function readFile(name: string, file: string): Promise<Outcome> {
  const source = sourceNamed(name);
  const request = { source, businessDate: '2026-08-01' };
  const entries: StatementEntry[] = [];
  try {
    for await (const part of readInput(request, { name: file, file }, { folder })) if (part.kind === 'rows') entries.push(...part.entries);
    return { entries, refused: null };
  } catch (error) {
    return { entries: [], refused: (error as LedgerflowError).toLine() };
  }
}

describe('generated statements', () => {
  it('are read whole, but for the files that are labelled as wrong, which are refused', async () => {
    const wrong = new Map(breaks.flatMap(({ file, kind }) => (file === undefined ? [] : [[file, kind] as const])));
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(xml|csv)$/.test(file)); // prettier-ignore
    const seen = new Set<string>();
    const known = new Set([...matches, ...breaks].flatMap((it) => it.external_ids ?? []));
    expect(wrong.size).toBeGreaterThan(0);
    for (const file of files) {
      const { entries, refused } = await readFile(file.endsWith('xml') ? 'nostro' : 'scheme', file);
      expect(`${file}: ${refused === null ? 'read' : 'refused'}`).toBe(`${file}: ${wrong.has(file) ? 'refused' : 'read'}`);
      if (wrong.get(file) === 'total_mismatch') expect(refused).toMatch(/closing balance .* a difference of 0\.01/);
      for (const { externalId } of entries) seen.add(externalId);
    }
    expect([...seen].filter((id) => !known.has(id))).toEqual([]);
    expect(seen.size).toBeGreaterThan(500);
  });

  it('give each line the amount, currency, reference and days of the movement behind it', async () => {
    const byLine = new Map(matches.filter(({ kind }) => kind === 'one').map((it) => [it.external_ids[0]!, it.transaction_ids[0]!]));
    const labelled = new Set(breaks.flatMap((it) => it.external_ids ?? []));
    let compared = 0;
    for (const currency of ['USD', 'INR'])
      for (const [source, account, kind] of [
        ['nostro', 'float', 'xml'],
        ['scheme', 'settlement', 'csv'],
      ] as const) {
        const { entries } = await readFile(source, path.join(account, currency, `2026-08-20.${kind}`));
        for (const entry of entries.filter(({ externalId }) => byLine.has(externalId) && !labelled.has(externalId))) {
          const movement = posted.get(byLine.get(entry.externalId)!)!;
          const minor = BigInt(entry.amount.replace('.', ''));
          expect(minor).toBe(movement.direction === 'CREDIT' ? movement.amount : -movement.amount);
          expect(entry).toMatchObject({ currency, bookedAt: '2026-08-20', description: movement.description.trim().toUpperCase() });
          expect(entry.account).toBe(`${account === 'float' ? 'NOSTRO' : 'SCHEME'}-${currency}`);
          compared += 1;
        }
      }
    expect(compared).toBeGreaterThan(10);
  });

  it('are found by date', async () => {
    const scheme = sourceNamed('scheme');
    const inputs = await inputsOf({ source: { ...scheme, location: 'settlement/USD/{date}.csv' }, businessDate: '2026-08-20' }, { folder });
    expect(inputs.map(({ name }) => name)).toEqual(['settlement/USD/2026-08-20.csv']);
  });
});
