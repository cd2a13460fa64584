// Processor time of another process on this machine, as Linux counts it.

import { readFileSync } from 'node:fs';

/** Ticks of /proc a second. */
const TICKS_PER_SECOND = 100;

/** Seconds of all threads of a process, its children left out; null where the system does not tell. */
export function processorSeconds(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return null; // no /proc here, or it has ended
  }
}
