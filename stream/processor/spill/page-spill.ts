// Staged messages beyond a memory limit lie in files until their commit: a transaction of millions of rows is staged whole, because it is
// committed whole, but only the columns that the cut reads stay in memory. Nothing here outlives the process: what is staged is read
// from Kafka again by the next one, which removes the files.

import { closeSync, mkdirSync, openSync, readSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '../../../cdc/envelope/page.ts';
import { isDiskFull } from '../../../infra/runtime/disk-full.ts';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import type { PartitionLog } from '../cut/partition-log.ts';

export interface SpillLimits {
  /** Bytes of staged messages, their columns included, that stay in memory. */
  readonly memoryBytesMax: number;
}

/** A file is removed when all of its pages are committed. */
const FILE_BYTES_MAX = 64 << 20;
/** Pages read back last: a commit reads them in order, several times. */
const RECALLED_BYTES_MAX = 32 << 20;

interface SpillFile {
  readonly name: string;
  readonly descriptor: number;
  bytes: number;
  pages: number;
  full: boolean;
}

interface SpilledPage {
  readonly file: SpillFile;
  readonly at: number;
  readonly length: number;
}

export class PageSpill implements Disposable {
  private readonly folder: string;
  private readonly limits: SpillLimits;
  private readonly pages = new Map<Page, SpilledPage>();
  private readonly recalled = new Map<Page, Uint8Array>();
  private recalledBytes = 0;
  private current: SpillFile | null = null;
  private filesMade = 0;
  private newest: { page: Page; bytes: Uint8Array } | null = null;
  /** Bytes in files now. */
  spilledBytes = 0;

  /** Removes what an earlier process left in the folder. */
  constructor(folder: string, limits: SpillLimits) {
    this.folder = folder;
    this.limits = limits;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }

  /**
   * Writes the page that was staged last to a file when memory is full.
   * @returns LF_DISK_FULL when there is no space for it: it stays in memory, and no more should be fetched
   */
  relieve(log: PartitionLog, partitions: readonly PartitionLog[]): LedgerflowError | null {
    const page = log.stagedPages.at(-1);
    if (page === undefined || this.pages.has(page)) return null;
    const stagedBytes = partitions.reduce((sum, each) => sum + each.bytes, 0);
    if (stagedBytes <= this.limits.memoryBytesMax) return null;
    try {
      log.relieve(this.write(page));
      return null;
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      const text = `staged messages find no space: ${messageOf(error)}`;
      return new LedgerflowError('LF_DISK_FULL', text, { where: this.folder, cause: error });
    }
  }

  /** @returns the bytes of memory that become free */
  private write(page: Page): number {
    const { bytes } = page;
    const file = this.fileFor(bytes.length);
    for (let done = 0; done < bytes.length;) done += writeSync(file.descriptor, bytes, done, bytes.length - done, file.bytes + done);
    this.pages.set(page, { file, at: file.bytes, length: bytes.length });
    file.bytes += bytes.length;
    file.pages += 1;
    this.spilledBytes += bytes.length;
    page.giveAway(() => this.read(page));
    return bytes.length;
  }

  /** The page is committed: its bytes are not needed any more. */
  release(page: Page): void {
    const spilled = this.pages.get(page);
    if (spilled === undefined) return;
    this.pages.delete(page);
    this.forget(page);
    this.spilledBytes -= spilled.length;
    spilled.file.pages -= 1;
    if (spilled.file.pages === 0 && spilled.file.full) this.remove(spilled.file);
  }

  private fileFor(length: number): SpillFile {
    if (this.current !== null && this.current.bytes + length > FILE_BYTES_MAX) {
      this.current.full = true;
      if (this.current.pages === 0) this.remove(this.current);
      this.current = null;
    }
    if (this.current === null) {
      const name = path.join(this.folder, `${(this.filesMade += 1)}.pages`);
      this.current = { name, descriptor: openSync(name, 'w+', 0o600), bytes: 0, pages: 0, full: false };
    }
    return this.current;
  }

  /** The page asked for last is at hand without a look-up: readers go through it message by message. */
  private read(page: Page): Uint8Array {
    if (this.newest?.page === page) return this.newest.bytes;
    const bytes = this.recalled.get(page) ?? this.fetch(page);
    this.newest = { page, bytes };
    return bytes;
  }

  private fetch(page: Page): Uint8Array {
    const spilled = this.pages.get(page);
    if (spilled === undefined) throw new Error('a page is read after its commit');
    const bytes = new Uint8Array(spilled.length);
    for (let done = 0; done < bytes.length;) {
      const count = readSync(spilled.file.descriptor, bytes, done, bytes.length - done, spilled.at + done);
      if (count === 0) throw new Error(`${spilled.file.name} ends early`);
      done += count;
    }
    this.recalled.set(page, bytes);
    this.recalledBytes += bytes.length;
    for (const oldest of this.recalled.keys()) {
      if (this.recalledBytes <= RECALLED_BYTES_MAX || oldest === page) break;
      this.forget(oldest);
    }
    return bytes;
  }

  private forget(page: Page): void {
    this.recalledBytes -= this.recalled.get(page)?.length ?? 0;
    this.recalled.delete(page);
    if (this.newest?.page === page) this.newest = null;
  }

  private remove(file: SpillFile): void {
    closeSync(file.descriptor);
    unlinkSync(file.name);
  }

  /** Ends with the process: whatever is spilled is dropped. */
  [Symbol.dispose](): void {
    for (const file of new Set([...this.pages.values()].map((page) => page.file))) closeSync(file.descriptor);
    if (this.current !== null && this.current.pages === 0) closeSync(this.current.descriptor);
    this.pages.clear();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
