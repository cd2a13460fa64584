// A kill at any place of a run leaves either all of it or nothing: the successor ends with every event once and every asked day once.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const child = path.join(import.meta.dirname, 'kill-child.testkit.ts');

async function start(home: string, point: string): Promise<{ signal: string | null; output: string }> {
  try {
    const { stdout } = await run(process.execPath, ['--import', 'tsx', child, home, point]);
    return { signal: null, output: stdout };
  } catch (error) {
    const { signal, stderr } = error as { signal: string | null; stderr: string };
    if (signal !== 'SIGKILL') throw new Error(stderr);
    return { signal, output: '' };
  }
}

it('survives kills in a run, before its commit and after it', async () => {
  const home = await mkdtemp(path.join(tmpdir(), 'ledgerflow-jobs-'));
  try {
    for (const point of ['job.begun:2', 'job.applied:3', 'job.done:3']) expect((await start(home, point)).signal).toBe('SIGKILL');
    expect(JSON.parse((await start(home, '')).output)).toEqual({
      copied: [['1'], ['2'], ['3'], ['4'], ['5'], ['6']],
      position: [['6']],
      nightly: [['2026-11-20'], ['2026-11-21']],
      open: [['0']],
      gaps: [['0']],
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
