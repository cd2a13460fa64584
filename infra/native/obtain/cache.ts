// The cache of downloaded parts: one folder, shared by all homes and safe for several set-ups at once.
// A folder or file appears under its final name only when it is complete and verified.

import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostEnvironment } from '../../runtime/config.ts';
import { readIfExists } from '../files.ts';
import { identify, isAlive, type ProcessId } from '../process-id.ts';

/** The cache folder: LEDGERFLOW_CACHE, or `ledgerflow` in the user's cache folder. */
export function cacheFolder(setting: string | undefined): string {
  if (setting !== undefined) return path.resolve(setting);
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: windows } = hostEnvironment();
  if (xdg !== undefined && xdg !== '') return path.join(xdg, 'ledgerflow');
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Caches', 'ledgerflow');
  if (process.platform === 'win32' && windows !== undefined) return path.join(windows, 'ledgerflow');
  return path.join(homedir(), '.cache', 'ledgerflow');
}

/**
 * Builds `target` through a temporary neighbour: `build` fills it, the rename publishes it.
 * Nothing is left behind when `build` throws.
 */
export async function buildInto(target: string, build: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${target}.${randomBytes(4).toString('hex')}.tmp`;
  mkdirSync(temporary, { recursive: true });
  try {
    await build(temporary);
    renameSync(temporary, target);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Takes `file` as a lock between processes; waits while a live process holds it. A dead owner's lock is taken over. */
export async function lockFile(
  file: string,
  options: { waitMs: number; onWait?: (owner: ProcessId) => void },
): Promise<AsyncDisposable | undefined> {
  mkdirSync(path.dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const content = JSON.stringify(identify(process.pid));
  writeFileSync(mine, content, { mode: 0o600 });
  const end = Date.now() + options.waitMs;
  let told = false;
  try {
    while (!tryLink(mine, file)) {
      const owner = ownerOf(file);
      if (owner === undefined) continue;
      if (!isAlive(owner)) {
        removeStale(file, owner);
        continue;
      }
      if (!told) options.onWait?.(owner);
      told = true;
      if (Date.now() >= end) return undefined;
      await sleep(200);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return {
    [Symbol.asyncDispose]: () => {
      if (readIfExists(file) === content) rmSync(file, { force: true });
      return Promise.resolve();
    },
  };
}

/** link(2) is atomic and fails when the name exists, so the lock appears with its content. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function ownerOf(file: string): ProcessId | undefined {
  const text = readIfExists(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as ProcessId;
  } catch {
    return { pid: 0, startedTicks: 0 };
  }
}

/** Moves the dead owner's lock away; if another process was faster and this is its lock, it is put back. */
function removeStale(file: string, dead: ProcessId): void {
  const away = `${file}.${randomBytes(4).toString('hex')}.stale`;
  try {
    renameSync(file, away);
  } catch {
    return;
  }
  const moved = ownerOf(away);
  if (moved !== undefined && moved.pid !== dead.pid) tryLink(away, file);
  rmSync(away, { force: true });
}

/** Removes temporary folders that a killed set-up left in the cache. Call while holding the lock. */
export function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.tmp')) rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}
