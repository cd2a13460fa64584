// Background care of the working store, beside the commits: fold superseded versions, roll the bronze tail,
// checkpoint the WAL. Each has its own bound; none runs twice at once.

import { statSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { freeBytes, isDiskFull } from '../../infra/runtime/disk-full.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import type { StoreHandle } from './open.ts';
import { prunedParkedSql } from './parked-sql.ts';
import { listSegmentSql, writeSegment } from './segments.ts';
import { foldTableSql } from './tables.ts';

export interface HousekeepingLimits {
  /** Superseding marks pending before a fold. */
  readonly foldRowsMax: number;
  /** Rows in the bronze tail before it is rolled. */
  readonly segmentRowsMax: number;
  /** WAL bytes before a checkpoint. */
  readonly walBytesMax: number;
  /** Commits before a checkpoint: thousands of small commits make a WAL slow to open. */
  readonly walCommitsMax: number;
  /** Parked records that were dealt with and are kept for a look; older ones are removed at a checkpoint. All by default. */
  readonly parkedResolvedMax?: number;
}

export interface HousekeepingCounters {
  folds: number;
  rolls: number;
  checkpoints: number;
}

/** A checkpoint may write as much as the WAL holds into the file while the WAL is still there. */
const CHECKPOINT_SPACE_FACTOR = 2;
const CHECKPOINT_SPACE_MIN_BYTES = 32 * 1024 * 1024;

export class Housekeeping {
  readonly counters: HousekeepingCounters = { folds: 0, rolls: 0, checkpoints: 0 };
  private readonly store: StoreHandle;
  private readonly limits: HousekeepingLimits;
  private readonly log: Logger;
  private marksPending = 0;
  private tailRows: number;
  private commitsSinceCheckpoint = 0;
  private folding: Promise<void> | null = null;
  private rolling: Promise<void> | null = null;
  private holders = 0;
  private readonly loading = new Set<Promise<unknown>>();

  constructor(store: StoreHandle, limits: HousekeepingLimits, log: Logger, pending: { marks: number; tailRows: number }) {
    this.store = store;
    this.limits = limits;
    this.log = log;
    this.marksPending = pending.marks;
    this.tailRows = pending.tailRows;
  }

  /** Counts the last commit and starts what is due; does not wait for it. */
  afterCommit(commitId: number, work: { marks: number; tailRows: number }, schemas: ReadonlyMap<string, TableSchema>): void {
    this.marksPending += work.marks;
    this.tailRows += work.tailRows;
    this.commitsSinceCheckpoint += 1;
    if (this.marksPending >= this.limits.foldRowsMax && this.folding === null) void this.fold(commitId, schemas);
    if (this.tailRows >= this.limits.segmentRowsMax && this.rolling === null) void this.rollInBackground(commitId);
  }

  /** Folds every mark of `upToCommit` or earlier. Failures are logged and tried again at the next threshold. */
  fold(upToCommit: number, schemas: ReadonlyMap<string, TableSchema>): Promise<void> {
    this.folding ??= this.runFold(upToCommit, schemas).finally(() => (this.folding = null));
    return this.folding;
  }

  private async runFold(upToCommit: number, schemas: ReadonlyMap<string, TableSchema>): Promise<void> {
    this.marksPending = 0;
    const sql = [...schemas.values()].map((schema) => foldTableSql(schema, upToCommit)).join('\n');
    try {
      faultPoint('fold.begun');
      await this.store.folder.run(`BEGIN;\n${sql}\nCOMMIT`);
      faultPoint('fold.done');
      this.counters.folds += 1;
    } catch (error) {
      await this.store.folder.run('ROLLBACK').catch(() => undefined); // the statement's own error is the one to report
      this.log.warn({ err: error, upToCommit }, 'fold failed, will be tried again');
    }
  }

  /** Waits until no fold is running, and nothing is loaded: schema changes and TRUNCATE touch the rows a fold deletes and the tables that are filled. */
  async settled(): Promise<void> {
    await Promise.all([this.folding, ...this.loading]);
  }

  /** Fills a table on a connection of its own; commits that change tables wait for it. */
  async load<T>(work: Promise<T>): Promise<T> {
    const ended = work.catch(() => undefined); // told to the caller
    this.loading.add(ended);
    return await work.finally(() => this.loading.delete(ended));
  }

  /** Waits for what is under way: DuckDB hangs for good when a connection is closed in the middle of a statement. */
  async idle(): Promise<void> {
    await Promise.allSettled([this.folding, this.rolling, ...this.loading]);
  }

  /** Rolls the bronze tail up to the commit into one segment. */
  async roll(upToCommit: number): Promise<void> {
    await this.rolling;
    this.rolling = this.runRoll(upToCommit).finally(() => (this.rolling = null));
    await this.rolling;
  }

  /** A roll that fails leaves the tail as it is; the next threshold or publication tries again. */
  private async rollInBackground(upToCommit: number): Promise<void> {
    await this.roll(upToCommit).catch((error: unknown) => this.log.warn({ err: error, upToCommit }, 'roll failed, will be tried again'));
  }

  private async runRoll(upToCommit: number): Promise<void> {
    const { segmenter, bronzeFolder } = this.store;
    const found = (
      await segmenter.runAndReadAll(`SELECT min(commit_id), max(commit_id), count(*) FROM _bronze.tail WHERE commit_id <= ${upToCommit}`)
    ).getRows()[0];
    if (found === undefined || found[0] === null) return;
    const commits: [number, number] = [Number(found[0]), Number(found[1])];
    const columns = 'commit_id, topic, partition, kafka_offset, kafka_ts, seq, ord, op, disposition, key, value, headers';
    const select = `SELECT ${columns} FROM _bronze.tail WHERE commit_id <= ${upToCommit} ORDER BY commit_id, topic, partition, kafka_offset`;
    const segment = await writeSegment(segmenter, bronzeFolder, select, commits);
    faultPoint('roll.written');
    try {
      await segmenter.run(`BEGIN; DELETE FROM _bronze.tail WHERE commit_id <= ${upToCommit}; ${listSegmentSql(segment)} COMMIT`);
    } catch (error) {
      await segmenter.run('ROLLBACK').catch(() => undefined); // the statement's own error is the one to report
      throw error;
    }
    faultPoint('roll.done');
    this.tailRows = Math.max(0, this.tailRows - segment.rows);
    this.counters.rolls += 1;
  }

  /** Whether the WAL has reached one of its bounds, and the disk has room: a checkpoint that finds none is the end of DuckDB's instance. */
  checkpointDue(): boolean {
    if (this.holders > 0) return false;
    const walBytes = this.walBytes();
    const due = this.commitsSinceCheckpoint >= this.limits.walCommitsMax || walBytes >= this.limits.walBytesMax;
    return due && freeBytes(path.dirname(this.store.file)) >= CHECKPOINT_SPACE_MIN_BYTES + CHECKPOINT_SPACE_FACTOR * walBytes;
  }

  /** No checkpoint is due until the result is called: the store's file stays what the last one made of it. */
  holdCheckpoints(): () => void {
    this.holders += 1;
    return () => (this.holders -= 1);
  }

  walBytes(): number {
    return statSync(`${this.store.file}.wal`, { throwIfNoEntry: false })?.size ?? 0;
  }

  /**
   * Writes the WAL into the file. Blocks commits while it runs; call it between commits.
   * @throws LedgerflowError LF_DISK_FULL when the disk got full meanwhile: the store must be opened again, by another process
   */
  async checkpoint(): Promise<void> {
    await Promise.all([this.folding, this.rolling]);
    this.commitsSinceCheckpoint = 0;
    const { parkedResolvedMax } = this.limits;
    try {
      if (parkedResolvedMax !== undefined) await this.store.writer.run(prunedParkedSql(parkedResolvedMax));
      faultPoint('checkpoint.begun');
      await this.store.writer.run('CHECKPOINT');
      faultPoint('checkpoint.done');
      this.counters.checkpoints += 1;
    } catch (error) {
      if (isDiskFull(error))
        throw new LedgerflowError('LF_DISK_FULL', `a checkpoint found no space: ${messageOf(error)}`, {
          where: this.store.file,
          cause: error,
        });
      this.log.debug({ err: error }, 'checkpoint postponed: other transactions are active');
    }
  }
}
