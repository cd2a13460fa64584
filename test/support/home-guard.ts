// Ends what runs in a test's home when the test process is gone, however it went: standard input closes with it.
// Argument: the home. A test that ends well has removed it before, and there is nothing to do.

import { rm } from 'node:fs/promises';
import { endProcess } from '../../infra/native/process-id.ts';
import { readRunFile } from '../../infra/native/run-file.ts';
import { cleanStaleRun } from '../../infra/native/stale-run.ts';

const home = process.argv[2] ?? '';
const DEADLINE_MS = 30_000;

process.stdin.resume();
process.stdin.on('end', () => void clean());

async function clean(): Promise<void> {
  const run = readRunFile(home);
  if (run === undefined) return;
  await endProcess(run.supervisor, DEADLINE_MS);
  await cleanStaleRun(home, DEADLINE_MS);
  await rm(home, { recursive: true, force: true });
}
