// Ends what runs in a test's home when the test process is gone, however it went: standard input closes with it.
// Argument: the home. A test that ends well has removed it before, and there is nothing to do.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { endProcess } from '../../infra/native/process-id.ts';
import { readRunFile } from '../../infra/native/run-file.ts';
import { cleanStaleRun } from '../../infra/native/stale-run.ts';
import { readGuarded } from './guard-home.ts';

const home = process.argv[2] ?? '';
const DEADLINE_MS = 30_000;

process.stdin.resume();
process.stdin.on('end', () => void clean());

async function clean(): Promise<void> {
  const run = readRunFile(home);
  if (run === undefined) return;
  await endProcess(run.supervisor, DEADLINE_MS);
  for (const id of readGuarded(home)) await endProcess(id, DEADLINE_MS);
  await cleanStaleRun(home, DEADLINE_MS);
  for (const folder of mountsBelow(home)) execFileSync('umount', [folder], { stdio: 'ignore' });
  await rm(home, { recursive: true, force: true });
}

/** Small file systems that a fault has put into the home. */
function mountsBelow(folder: string): string[] {
  if (process.platform !== 'linux') return [];
  const mounted = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  return mounted.filter((place) => place.startsWith(`${folder}/`));
}
