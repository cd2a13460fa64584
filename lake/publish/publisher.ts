// Publishes the store to the lake at intervals and maintains the lake in between. Never in the way of ingestion: its
// own connection, and trouble here (no extension, a damaged catalog, a full disk) shows in status() and is tried again.

import type { DuckDBConnection } from '@duckdb/node-api';
import { isAborted, LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import type { Log } from '../../infra/runtime/log.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import type { PublicationActivity } from './activity.ts';
import { retireSegments, SEGMENT_GRACE_MS, writeEmptySegment } from './bronze.ts';
import { createBronzeView } from './bronze-view.ts';
import { copyCatalog } from './catalog-copy.ts';
import { DamagedTables } from './damaged.ts';
import { DurableFiles } from './durable.ts';
import { loadLakeExtension } from './extension.ts';
import { attachLake, CATALOG, lakePaths, type LakePaths } from './lake-catalog.ts';
import { reconcile, takeLakeFence } from './lake-position.ts';
import { maintain, type MaintenanceLimits, type MaintenanceReport } from './maintain.ts';
import { publish, type PublicationMemory } from './publication.ts';
import type { Publication, PublicationNote } from './round.ts';
import { refuseFullDisk } from './space.ts';
import type { PublicationSource, PublishedModel, Step } from './source.ts';

export interface PublisherOptions {
  readonly source: PublicationSource;
  /** <home>/lake */
  readonly lakeFolder: string;
  /** File of the DuckLake extension, asked again while there is none. */
  readonly extensionFile: () => string | undefined;
  /** The gold models of this code version. */
  readonly goldModels: () => readonly PublishedModel[];
  readonly codeVersion: string;
  readonly intervalMs: number;
  /** Makes publications of heartbeats alone rare; without it every commit is published. */
  readonly activity?: PublicationActivity;
  readonly maintainIntervalMs: number;
  readonly limits: MaintenanceLimits;
  /** Free bytes on the lake's disk below which nothing is published or maintained; none by default. */
  readonly diskReserveBytes?: number;
  /** How long a published segment's first name stays for statements that still read it. */
  readonly segmentGraceMs?: number;
  readonly log: Log;
  /** Tests play crashes here. */
  readonly onStep?: (step: Step) => unknown;
  /** Told about every publication, for metrics. */
  readonly onPublication?: (note: PublicationNote) => void;
}

export type PublisherState = 'waiting' | 'idle' | 'publishing' | 'maintaining' | 'failed';

export interface PublisherStatus {
  readonly state: PublisherState;
  /** Why publication waits or failed, and what to do. */
  readonly reason: string | null;
  readonly remedy: string | null;
  readonly publication: Publication | null;
}

/** Publications never take more than this share of the time: the pause after one is at least four times its duration. */
const PAUSE_FACTOR = 4;

export class Publisher implements AsyncDisposable {
  readonly paths: LakePaths;
  readonly damaged = new DamagedTables();
  private readonly options: PublisherOptions;
  private readonly connection: DuckDBConnection;
  private readonly durable: DurableFiles;
  private current: PublisherStatus = { state: 'waiting', reason: 'not opened yet', remedy: null, publication: null };
  private attached = false;
  /** Set until the lake's and the store's last publication are known to agree. */
  private inDoubt = true;
  private memory: PublicationMemory = { last: null, goldDigests: new Map(), shapes: null };
  private queue: Promise<unknown> = Promise.resolve();
  private maintainedAtMs = performance.now();

  private constructor(options: PublisherOptions, connection: DuckDBConnection) {
    this.options = options;
    this.connection = connection;
    this.paths = lakePaths(options.lakeFolder);
    this.durable = new DurableFiles(this.paths.data);
  }

  /** Opens the lake where possible and makes the readers' bronze view; trouble with the lake is left to status(). */
  static async open(options: PublisherOptions): Promise<Publisher> {
    const publisher = new Publisher(options, await options.source.connect());
    await writeEmptySegment(publisher.connection, options.source.bronzeFolder);
    await createBronzeView(publisher.connection, options.source, false);
    await publisher.exclusively(() => publisher.openLake()).catch((error: unknown) => publisher.failed(error));
    return publisher;
  }

  status(): PublisherStatus {
    return this.current;
  }

  /** Publishes and maintains at intervals until the signal; does not throw on trouble with the lake. */
  async run(signal: AbortSignal): Promise<void> {
    const interrupt = (): void => this.connection.interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      while (!signal.aborted) {
        const started = performance.now();
        await this.round(signal);
        const tookMs = performance.now() - started;
        await sleep(Math.max(this.options.intervalMs - tookMs, PAUSE_FACTOR * tookMs), signal).catch(() => undefined); // ends the loop above
      }
    } finally {
      signal.removeEventListener('abort', interrupt);
    }
  }

  private async round(signal: AbortSignal): Promise<void> {
    try {
      await (this.options.activity?.inTurn(() => this.publishOnce()) ?? this.publishOnce());
      if (this.attached && performance.now() - this.maintainedAtMs >= this.options.maintainIntervalMs) await this.maintainOnce(signal);
    } catch (error) {
      if (signal.aborted || isAborted(error)) return;
      const known = error instanceof LedgerflowError ? error : undefined;
      this.options.log.warn({ err: error, code: known?.code, remedy: known?.remedy }, 'publication failed, ingestion goes on');
    }
  }

  /**
   * Publishes what was committed since the last publication and replaces the readers' catalog.
   * @returns null when nothing was committed, or while publication waits (status() says for what)
   * @throws LedgerflowError LF_LAKE_…, LF_PUBLICATION_FAILED
   */
  publishOnce(): Promise<PublicationNote | null> {
    return this.exclusively(async () => {
      try {
        refuseFullDisk(this.paths, this.options.diskReserveBytes ?? 0);
        if (!(await this.openLake())) return null;
        this.show('publishing');
        return await this.publishCut();
      } catch (error) {
        throw this.failed(error);
      }
    });
  }

  private async publishCut(): Promise<PublicationNote | null> {
    const { source } = this.options;
    const onStep = async (step: Step): Promise<void> => {
      await this.options.onStep?.(step);
      faultPoint(`publish.${step}`);
    };
    this.inDoubt = true; // from here to the note in the store a failure may leave the two apart
    const { connection, paths, durable, damaged } = this;
    const context = { ...this.options, connection, paths, durable, damaged, onStep };
    const result = await publish(context, this.memory);
    this.inDoubt = false;
    this.show('idle');
    if (result === 'bootstrap') this.current = { ...this.current, state: 'waiting', reason: 'the initial snapshot is being read' };
    if (typeof result === 'string') return null;
    this.memory = result.memory;
    this.current = { ...this.current, publication: result.note };
    await copyCatalog(this.connection, this.paths);
    await onStep('copied');
    await retireSegments(this.connection, source.bronzeFolder, {
      publishedCommit: result.note.commitId,
      nowMs: Date.now(),
      graceMs: this.options.segmentGraceMs ?? SEGMENT_GRACE_MS,
    });
    this.options.log.debug({ ...result.note, filesSynced: result.filesSynced }, 'lake published');
    this.options.onPublication?.(result.note);
    return result.note;
  }

  /** One round of compaction, expiry and clean-up. @returns null while there is no lake */
  maintainOnce(signal?: AbortSignal, over: Partial<MaintenanceLimits> = {}): Promise<MaintenanceReport | null> {
    return this.exclusively(async () => {
      if (!this.attached) return null;
      this.show('maintaining');
      try {
        refuseFullDisk(this.paths, this.options.diskReserveBytes ?? 0);
        const { connection, durable, paths, options } = this;
        const limits = { ...options.limits, ...over };
        const report = await maintain({ connection, durable, paths, limits, bronzeFolder: options.source.bronzeFolder }, signal);
        await this.connection.run(`CHECKPOINT ${CATALOG}`).catch(() => undefined); // a reader is in the way; the next round does it
        faultPoint('maintain.checkpointed');
        await copyCatalog(this.connection, this.paths);
        this.show('idle');
        this.options.log.debug({ ...report }, 'lake maintained');
        return report;
      } catch (error) {
        throw this.failed(error);
      } finally {
        this.maintainedAtMs = performance.now();
      }
    });
  }

  /** Runs `work` while the lake stands still, the readers' catalog being up to date. */
  whileStill<T>(work: (paths: LakePaths) => Promise<T>): Promise<T> {
    return this.exclusively(async () => {
      if (!(await this.openLake())) throw new LedgerflowError('LF_BACKUP_FAILED', `the lake is not open: ${this.current.reason ?? ''}`);
      await copyCatalog(this.connection, this.paths);
      return await work(this.paths);
    });
  }

  /** Loads the extension, attaches the lake, completes what a crash left open. @returns false while publication waits */
  private async openLake(): Promise<boolean> {
    if (!this.attached) {
      const extension = await loadLakeExtension(this.connection, this.options.extensionFile());
      if (!extension.loaded) {
        if (this.current.reason !== extension.reason)
          this.options.log.warn({ reason: extension.reason, remedy: extension.remedy }, 'publication waits');
        this.current = { ...this.current, state: 'waiting', reason: extension.reason, remedy: extension.remedy };
        return false;
      }
      await attachLake(this.connection, this.paths);
      await takeLakeFence(this.connection, this.options.source.epoch, this.options.codeVersion);
      await this.durable.takeStock();
      this.attached = true;
      await createBronzeView(this.connection, this.options.source, true);
    }
    if (this.inDoubt) {
      const publication = await reconcile(this.connection);
      this.current = { ...this.current, publication };
      this.memory = { last: publication, goldDigests: new Map(), shapes: null };
      this.inDoubt = false;
    }
    this.show('idle');
    return true;
  }

  private show(state: PublisherState): void {
    this.current = { ...this.current, state, reason: null, remedy: null };
  }

  private failed(error: unknown): LedgerflowError {
    const known =
      error instanceof LedgerflowError ? error : new LedgerflowError('LF_PUBLICATION_FAILED', messageOf(error), { cause: error });
    this.current = { ...this.current, state: 'failed', reason: `${known.code}: ${known.message}`, remedy: known.remedy };
    return known;
  }

  /** One thing at a time on the connection. */
  private exclusively<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work);
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.queue;
    this.connection.closeSync();
  }
}
