// What every fetcher gets: where to put things, how to report, the pinned versions, and the retry rule they share.

import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { isAborted, LedgerflowError, messageOf } from '../../runtime/errors.ts';
import { retry } from '../../runtime/retry.ts';
import type { PartsLock } from './lock-file.ts';

export interface Progress {
  /** MySQL, Kafka, Debezium, DuckLake, Java */
  readonly part: string;
  readonly text: string;
}

export interface ObtainContext {
  readonly cache: string;
  readonly lock: PartsLock;
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

const DOWNLOAD_RETRIES = { attemptsMax: 4, firstDelayMs: 1_000, delayMaxMs: 15_000 };

/** Calls a package tool until it succeeds. @throws LedgerflowError LF_PART_DOWNLOAD naming the tool and its last words. */
export async function download<T>(context: ObtainContext, part: string, work: () => Promise<T>): Promise<T> {
  const { signal, onProgress } = context;
  try {
    return await retry(DOWNLOAD_RETRIES, work, {
      signal,
      onRetry: (error, attempt, delayMs) =>
        onProgress({ part, text: `attempt ${attempt} failed, again in ${delayMs} ms: ${messageOf(error)}` }),
    });
  } catch (error) {
    if (error instanceof LedgerflowError || isAborted(error)) throw error;
    throw new LedgerflowError('LF_PART_DOWNLOAD', `${part} could not be obtained: ${messageOf(error)}`, { cause: error });
  }
}

/** Reports how many MB have arrived below `folder` until disposed: package tools are silent when not on a terminal. */
export function watchSize(context: ObtainContext, part: string, folder: string, what: string): Disposable {
  const before = folderBytes(folder);
  let last = 0;
  const timer = setInterval(() => {
    const mb = Math.round((folderBytes(folder) - before) / 1e6);
    if (mb === last) return;
    last = mb;
    context.onProgress({ part, text: `${what}: ${mb} MB` });
  }, 1_000);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

export function folderBytes(folder: string): number {
  if (!existsSync(folder)) return 0;
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) bytes += folderBytes(file);
    else if (entry.isFile()) bytes += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}
