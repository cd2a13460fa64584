// Keeps the output file of a running part small. The part goes on writing to the same file, opened for appending, so the file is copied
// aside and emptied; what is written in between those two steps is lost, and a log may lose it.

import { copyFileSync, renameSync, statSync, truncateSync } from 'node:fs';

export const LOG_BYTES_MAX = 20 * 1024 * 1024;
/** Between two looks at the files. */
export const LOG_TRIM_INTERVAL_MS = 30_000;

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Empties a file that is too large, while it is written to; its content is kept as `<file>.1`. Returns whether it did. */
export function trimLog(file: string, bytesMax = LOG_BYTES_MAX): boolean {
  if (sizeOf(file) <= bytesMax) return false;
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
  return true;
}

/** Moves a file that is too large aside, before it is opened. */
export function setLogAside(file: string, bytesMax = LOG_BYTES_MAX): void {
  if (sizeOf(file) > bytesMax) renameSync(file, `${file}.1`);
}
