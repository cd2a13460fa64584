// A test's parts run in sessions of their own and would outlive it when it is killed: a guard process ends them then.

import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProcessId } from '../../infra/native/process-id.ts';

const GUARD = fileURLToPath(new URL('guard-home-process.ts', import.meta.url));

/** Starts the guard of a home. It ends by itself with this process. */
export function guardHome(home: string): void {
  const guard = spawn(process.execPath, ['--import', 'tsx', GUARD, home], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
}

/** Processes that run.json does not name: the guard ends them too. */
export function noteGuarded(home: string, ids: readonly ProcessId[]): void {
  writeFileSync(guardedFile(home), JSON.stringify(ids));
}

export function readGuarded(home: string): ProcessId[] {
  try {
    return JSON.parse(readFileSync(guardedFile(home), 'utf8')) as ProcessId[];
  } catch {
    return []; // nothing was noted
  }
}

function guardedFile(home: string): string {
  return path.join(home, 'guarded.json');
}
