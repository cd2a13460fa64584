// Names a process for good: its pid plus its start time, so that a pid that was given to another program is never signalled.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessId {
  readonly pid: number;
  /** Start time: clock ticks since boot on Linux (field 22 of /proc/<pid>/stat), seconds since 1970 elsewhere. */
  readonly startedTicks: number;
}

/** Start time of a live process, or undefined when there is none (a zombie counts as none). */
export function startTicksOf(pid: number): number | undefined {
  if (process.platform === 'linux') return linuxStartTicks(pid);
  try {
    const text = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    const [stat = '', ...rest] = text.split(/\s+/);
    return text === '' || stat.startsWith('Z') ? undefined : Math.floor(Date.parse(rest.join(' ')) / 1000);
  } catch {
    return undefined;
  }
}

function linuxStartTicks(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name (field 2) may contain blanks and parentheses: count the fields after its last ')'.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

/** The identity of a process that runs now. */
export function identify(pid: number): ProcessId {
  return { pid, startedTicks: startTicksOf(pid) ?? 0 };
}

/** True only while exactly that process lives. */
export function isAlive(id: ProcessId): boolean {
  return id.pid > 0 && id.startedTicks > 0 && startTicksOf(id.pid) === id.startedTicks;
}

export type EndedBy = 'absent' | 'SIGTERM' | 'SIGKILL';

/**
 * Ends exactly that process: SIGTERM, and SIGKILL to its whole group once `deadlineMs` has passed.
 * A process whose start time differs is somebody else's and is left alone ('absent').
 */
export async function endProcess(id: ProcessId, deadlineMs: number): Promise<EndedBy> {
  if (!isAlive(id)) return 'absent';
  signal(id.pid, 'SIGTERM');
  if (await gone(id, deadlineMs)) return 'SIGTERM';
  signal(-id.pid, 'SIGKILL');
  signal(id.pid, 'SIGKILL');
  await gone(id, 5_000);
  return 'SIGKILL';
}

/** Waits until the process has ended; false when it still lives after `deadlineMs`. */
export async function gone(id: ProcessId, deadlineMs: number): Promise<boolean> {
  const end = Date.now() + deadlineMs;
  while (isAlive(id)) {
    if (Date.now() >= end) return false;
    await sleep(50);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended between the look and the signal.
  }
}
