// The fraud job killed at its fault points: its successor ends with every alert, decision and feature once, as one that was never killed.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const child = path.join(import.meta.dirname, 'kill-child.testkit.ts');

interface Ended {
  readonly alerts: unknown[];
  readonly twice: unknown[];
  readonly features: unknown[];
  readonly history: unknown[];
}

/** @returns what the store has in the end; null: killed */
async function start(file: string, point: string): Promise<Ended | null> {
  try {
    return JSON.parse((await run(process.execPath, ['--import', 'tsx', child, file, point])).stdout) as Ended;
  } catch (error) {
    const { signal, stderr } = error as { signal: string | null; stderr: string };
    if (signal !== 'SIGKILL') throw new Error(stderr, { cause: error });
    return null;
  }
}

it('loses no alert and books none twice when it is killed in a run, before its commit and after it', async () => {
  const home = await mkdtemp(path.join(tmpdir(), 'ledgerflow-fraud-'));
  try {
    const undisturbed = await start(path.join(home, 'whole.duckdb'), '');
    const killed = path.join(home, 'killed.duckdb');
    for (const point of ['job.applied:2', 'job.done:2']) expect(await start(killed, point)).toBeNull();
    const ended = await start(killed, '');
    expect(ended).toEqual(undisturbed);
    expect(ended?.alerts.length).toBeGreaterThan(0);
    expect(ended).toMatchObject({ twice: [['0', '0']], history: [['48', '48']] });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}, 120_000);
