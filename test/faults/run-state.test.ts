// Results of faults outlive the run that found them: resumed, merged, and the newer good one stays.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RunState } from './run-state.ts';
import type { FaultRow } from './table.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'lf-run-state-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const found = (name: string, violations: readonly string[] = []) => ({
  ...{ name, injected: '', detected: '', recoveryMs: null, violations, tookMs: 1 },
});

it('goes on with what a run of the same seed has left, and runs again what was violated', () => {
  const first = new RunState(folder, 1, false);
  first.keep(found('good'));
  first.keep(found('bad', ['lost']));
  const resumed = new RunState(folder, 1, true);
  expect([resumed.isDone('good'), resumed.isDone('bad'), resumed.isDone('other')]).toEqual([true, false, false]);
  resumed.keep(found('bad'));
  expect(new RunState(folder, 1, true).isDone('bad')).toBe(true);
  expect(new RunState(folder, 2, true).rows).toEqual([]);
  expect(new RunState(folder, 1, false).rows).toEqual([]);
});

it('takes the rows of another run: good before violated, then newer before older', () => {
  const row = (name: string, day: number, violations: readonly string[] = []): FaultRow => ({
    ...{ ...found(name, violations), commit: `c${day}`, endedAt: `2026-11-0${day}` },
  });
  const other = path.join(folder, 'other.json');
  const merged = (...rows: FaultRow[]): string[] => {
    writeFileSync(other, JSON.stringify({ seed: 1, rows }));
    const state = new RunState(folder, 1, true);
    state.merge(other);
    return state.rows.map(({ name, commit }) => `${name} ${commit}`).sort();
  };
  expect(merged(row('a', 2), row('b', 2, ['lost']))).toEqual(['a c2', 'b c2']);
  expect(merged(row('a', 1), row('b', 1))).toEqual(['a c2', 'b c1']);
  expect(merged(row('a', 3, ['lost']), row('b', 3))).toEqual(['a c2', 'b c3']);
});
