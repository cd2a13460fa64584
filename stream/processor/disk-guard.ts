// Looks at the free space of the store's and the lake's disk and holds the pipeline before it is used up: a commit that finds no space
// is a failed commit, one that is not begun costs nothing.

import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { sleep } from '../../infra/runtime/sleep.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { StoreHandle } from '../../lake/store/open.ts';

export interface DiskGuardOptions {
  readonly folders: readonly string[];
  readonly reserveBytes: number;
  readonly onChange: (problem: LedgerflowError | null) => void;
  readonly now: () => number;
}

const CHECK_INTERVAL_MS = 500;
const MIB = 1024 * 1024;

export class DiskGuard {
  /** True while a disk has less than the reserve: take nothing. */
  holding = false;
  private readonly options: DiskGuardOptions;
  private checkedAt = Number.NEGATIVE_INFINITY;

  constructor(options: DiskGuardOptions) {
    this.options = options;
  }

  static of(store: Pick<StoreHandle, 'file' | 'lakeDataFolder'>, reserveMb: number, onChange?: DiskGuardOptions['onChange']): DiskGuard {
    const folders = [path.dirname(store.file), store.lakeDataFolder];
    return new DiskGuard({ folders, reserveBytes: reserveMb * MIB, onChange: onChange ?? (() => undefined), now: () => performance.now() });
  }

  /** Looks when it is time to. */
  async check(): Promise<void> {
    const { now, folders } = this.options;
    if (now() - this.checkedAt < CHECK_INTERVAL_MS) return;
    this.checkedAt = now();
    for (const folder of folders) {
      const { bavail, bsize } = await statfs(folder);
      if (bavail * bsize >= this.options.reserveBytes) continue;
      this.hold(folder, bavail * bsize);
      return;
    }
    this.release();
  }

  /** A write has failed for want of space: nothing is taken until there is room. Null: none has. */
  noSpace(error: LedgerflowError | null): void {
    if (error === null) return;
    this.holding = true;
    this.checkedAt = this.options.now();
    this.options.onChange(error);
  }

  /** The same, and returns when there is room again, or at the abort. */
  async untilSpace(error: LedgerflowError, signal: AbortSignal): Promise<void> {
    this.noSpace(error);
    while (this.holding && !signal.aborted) {
      await sleep(CHECK_INTERVAL_MS, signal).catch(() => undefined); // aborted: the commit is given up, not lost
      await this.check();
    }
  }

  private hold(folder: string, freeBytes: number): void {
    this.holding = true;
    const [free, reserve] = [Math.floor(freeBytes / MIB), Math.floor(this.options.reserveBytes / MIB)];
    this.options.onChange(
      new LedgerflowError('LF_DISK_FULL', `${free} MiB are free, ${reserve} MiB are the reserve: nothing more is taken`, { where: folder }),
    );
  }

  private release(): void {
    if (!this.holding) return;
    this.holding = false;
    this.options.onChange(null);
  }
}
