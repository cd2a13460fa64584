import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isDiskFull } from '../../infra/runtime/disk-full.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { DiskGuard } from './disk-guard.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'lf-disk-'));
afterAll(() => rmSync(folder, { recursive: true }));

function guardWith(reserveBytes: number): { guard: DiskGuard; told: (string | null)[]; pass: () => void } {
  const told: (string | null)[] = [];
  let now = 0;
  const guard = new DiskGuard({ folders: [folder], reserveBytes, now: () => now, onChange: (problem) => told.push(problem?.code ?? null) });
  return { guard, told, pass: () => (now += 1_000) };
}

describe('the guard of the disk', () => {
  it('holds below the reserve and says so by name', async () => {
    const { bavail, bsize } = statfsSync(folder);
    const { guard, told } = guardWith(bavail * bsize * 2);
    await guard.check();
    expect(guard.holding).toBe(true);
    expect(told).toEqual(['LF_DISK_FULL']);
  });

  it('lets a failed write be tried again as soon as there is room', async () => {
    const { guard, told, pass } = guardWith(1);
    const waiting = guard.untilSpace(new LedgerflowError('LF_DISK_FULL', 'full'), new AbortController().signal);
    expect(guard.holding).toBe(true);
    pass();
    await waiting;
    expect(guard.holding).toBe(false);
    expect(told).toEqual(['LF_DISK_FULL', null]);
  });

  it('knows a full disk by what DuckDB and the system say', () => {
    expect(
      isDiskFull(new Error('TransactionContext Error: Failed to commit: Could not write file "/a.wal": No space left on device')),
    ).toBe(true);
    expect(isDiskFull(new Error('x', { cause: new Error('ENOSPC: no space') }))).toBe(true);
    expect(isDiskFull(new Error('Conversion Error'))).toBe(false);
  });
});
