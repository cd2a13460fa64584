// Recognises a write that failed for want of space, whoever says so, and asks for the space there is.

import { statfsSync } from 'node:fs';

/** Bytes that are free for this process on the folder's disk. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** DuckDB ends an instance whose checkpoint failed: every statement after that says so, with the first error. Only a new process helps. */
export function isInvalidated(error: unknown): boolean {
  return error instanceof Error && /database has been invalidated/i.test(error.message);
}

/** DuckDB's and the system's ways of saying so. */
export function isDiskFull(error: unknown): boolean {
  const text = error instanceof Error ? `${error.message} ${error.cause instanceof Error ? error.cause.message : ''}` : String(error);
  return /no space left on device|ENOSPC|EDQUOT|disk quota exceeded|could not write all bytes|file too large|EFBIG/i.test(text);
}
