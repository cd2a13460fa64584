// A disk that is full: the folder is moved onto a small file system for the while. Needs the right to mount one.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, openSync, closeSync, renameSync, rmSync, statfsSync, writeSync } from 'node:fs';
import path from 'node:path';
import { underLoad, pause, type Fault } from './fault.ts';
import type { FaultStack } from './stack.ts';

const SPARE_MB = 120;
const MIB = 1024 * 1024;

/** Why no small file system can be mounted here, or null. */
export function mountMissing(): string | null {
  if (process.platform !== 'linux') return 'no tmpfs here';
  const folder = path.join('/tmp', `lf-mount-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    mount(folder, 1);
    execFileSync('umount', [folder], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return `a file system cannot be mounted: ${error instanceof Error ? (error.message.split('\n')[1] ?? error.message) : String(error)}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function mount(folder: string, sizeMb: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', folder], { stdio: 'pipe' });
}

function usedMb(folder: string): number {
  return Math.ceil(Number(execFileSync('du', ['-sm', folder], { encoding: 'utf8' }).split('\t')[0]));
}

/** Writes until there is no space left. */
function fill(folder: string): void {
  const block = Buffer.alloc(MIB);
  const file = openSync(path.join(folder, 'ballast'), 'w');
  try {
    for (;;) writeSync(file, block);
  } catch {
    // full: that is what was wanted
  } finally {
    closeSync(file);
  }
}

async function onSmallDisk<T>(stack: FaultStack, name: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = path.join(stack.home, name);
  const kept = `${folder}.kept`;
  await stack.stopProcessor();
  renameSync(folder, kept);
  mkdirSync(folder);
  mount(folder, usedMb(kept) + SPARE_MB);
  try {
    cpSync(kept, folder, { recursive: true });
    await stack.startProcessor();
    return await work(folder);
  } finally {
    await stack.stopProcessor();
    rmSync(path.join(folder, 'ballast'), { force: true });
    rmSync(kept, { recursive: true });
    cpSync(folder, kept, { recursive: true });
    execFileSync('umount', [folder], { stdio: 'pipe' });
    rmSync(folder, { recursive: true });
    renameSync(kept, folder);
    await stack.startProcessor();
  }
}

function fullDisk(name: 'store' | 'lake'): Fault {
  return {
    name: `disk-full-${name}`,
    injected: `the disk of the ${name} is filled to its last byte under load, and freed 10 s later`,
    run: async ({ stack }) =>
      await underLoad(stack, () =>
        onSmallDisk(stack, name, async (folder) => {
          await stack.untilFresh(performance.now());
          fill(folder);
          const detected = await stack.untilReported('LF_DISK_FULL', 30_000);
          await pause(10_000);
          const free = statfsSync(folder);
          rmSync(path.join(folder, 'ballast'));
          const recoveryMs = await stack.untilFresh(performance.now());
          const violations = free.bavail > free.blocks / 20 ? ['the disk was not full'] : [];
          return { detected, recoveryMs, violations };
        }),
      ),
  };
}

/** None, with the reason, where no file system can be mounted. */
export function diskFaults(): Fault[] {
  return [fullDisk('store'), fullDisk('lake')];
}
