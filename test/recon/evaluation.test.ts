// A generated world whose truth is known, reconciled day by day: what is confirmed without a person is right, every class of break is found.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { writeWorld } from '../../bank/generator/files/write-world.ts';
import { evaluateWorld } from '../../stream/recon/evaluate/evaluate.ts';
import { Sources } from '../../stream/recon/run/source.ts';

const RATES = { fraudRate: 0.002, faultRate: 0.005, breakRate: 0.05 };

it('confirms with precision 0.999 and recall 0.97, and finds each class of break with 0.98', async () => {
  const world = mkdtempSync(path.join(tmpdir(), 'lf-evaluation-'));
  try {
    await writeWorld({
      directory: world,
      format: 'csv',
      seed: 31,
      customers: 40,
      months: 1,
      untilMs: Date.parse('2026-09-15T00:00:00Z'),
      ...RATES,
    });
    const { confirmed, breaks } = await evaluateWorld({
      world: path.relative('.', world),
      sources: new Sources(world),
      currencies: ['USD'],
      accounts: ['settlement'],
    });
    expect(confirmed.found).toBeGreaterThan(500);
    expect(confirmed.precision).toBeGreaterThanOrEqual(0.999);
    expect(confirmed.recall).toBeGreaterThanOrEqual(0.97);
    for (const [kind, { precision, recall, wrong, missed }] of Object.entries(breaks)) {
      expect({ kind, wrong, enough: precision >= 0.98 }).toEqual({ kind, wrong, enough: true });
      expect({ kind, missed, enough: recall >= 0.98 }).toEqual({ kind, missed, enough: true });
    }
  } finally {
    rmSync(world, { recursive: true, force: true });
  }
}, 120_000);
