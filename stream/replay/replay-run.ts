// Bronze through the processor's own intake, cut, planner and committer into a store of its own, and gold after it. Nothing is told to
// anybody; what Kafka Connect proves in the live stream (that nothing is still on its way), bronze's commits prove here.

import type { Logger } from 'pino';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import { GoldRefresher } from '../../lake/gold/refresh.ts';
import { GoldTurns } from '../../lake/gold/turn.ts';
import { Committer } from '../../lake/store/commit.ts';
import type { CommitReport } from '../../lake/store/commit-report.ts';
import { Housekeeping } from '../../lake/store/housekeeping.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { Staging } from '../processor/cut/staging.ts';
import { Intake } from '../processor/intake.ts';
import { Pipeline } from '../processor/pipeline.ts';
import { Rereads, type Ends } from '../processor/rereads.ts';
import { SchemaPlanner } from '../processor/schema-planner.ts';
import { readFindings, type StoreFindings } from '../processor/store-findings.ts';
import { TopicCatalog, TopicNames } from '../processor/topic-catalog.ts';
import { TopicWatch } from '../processor/topic-watch.ts';
import { Wakeup } from '../processor/wakeup.ts';
import { BronzeFeed, type FeedParts } from './bronze-feed.ts';

/** A table or rows that were read again from MySQL in the live stream, as its store recorded it. */
export interface EndedReread {
  readonly signal: string;
  readonly table: string;
  readonly endedCommit: number;
  readonly succeeded: boolean;
}

export interface ReplayParts {
  /** The shadow's store, nobody else's. */
  readonly store: StoreHandle;
  readonly feed: Pick<FeedParts, 'changes' | 'commits' | 'lastCommit'>;
  readonly database: string;
  readonly topicPrefix: string;
  readonly excludeTables: readonly string[];
  readonly rereads: readonly EndedReread[];
  readonly limits?: ReplayLimits;
  readonly onProgress: (progress: { readonly rows: number; readonly of: number; readonly seq: number }) => void;
  readonly log: Logger;
}

export interface ReplayLimits {
  /** Messages in one commit of the shadow's store. */
  readonly batchRowsMax: number;
  /** Messages read from bronze at once. */
  readonly windowRowsMax: number;
  /** Nothing more is taken for this long although nothing is left to read: something is missing in bronze. */
  readonly stuckAfterMs: number;
}

const REPLAY_LIMITS: ReplayLimits = { batchRowsMax: 40_000, windowRowsMax: 40_000, stuckAfterMs: 30_000 };
/** Messages staged before bronze is read on. */
const STAGED_ROWS_MIN = 60_000;
const FEED_AGAIN_MS = 1_000;
const LIMITS = { foldRowsMax: 2_000_000, segmentRowsMax: 500_000, walBytesMax: 256 * 1024 * 1024, walCommitsMax: 20_000 };

export class ReplayRun {
  private readonly parts: ReplayParts;
  private readonly staging: Staging;
  private readonly intake: Intake;
  private readonly feed: BronzeFeed;
  private readonly watch: TopicWatch;
  private readonly rereads: Rereads;
  private readonly housekeeping: Housekeeping;
  private readonly pipeline: Pipeline;
  private readonly wakeup = new Wakeup();
  private readonly done = new AbortController();
  private readonly fedEnds = new Map<string, number>();
  private fed = { commit: 0, seq: -1 };
  private readonly of: number;
  private exhausted = false;
  private movedAt = performance.now();
  private lastSeq: number;

  private constructor(parts: ReplayParts, found: StoreFindings, sources: { catalog: TopicCatalog; feed: BronzeFeed }) {
    const { store, log, database } = parts;
    const { catalog, feed } = sources;
    this.parts = parts;
    this.feed = feed;
    this.of = feed.rowsLeft;
    this.lastSeq = store.state.seq;
    this.rereads = new Rereads(database, found.holds, false);
    this.staging = new Staging(store.state.seq, store.state.phase);
    this.intake = new Intake(this.staging, store.state.serverUuid);
    this.housekeeping = new Housekeeping(store, LIMITS, log, found.pending);
    const topicName = (id: number): string => catalog.byTopicId(id).topic;
    const committer = new Committer(store, this.housekeeping, { schemas: found.schemas, parked: found.parked, topicName, log });
    this.watch = new TopicWatch({
      ...{ staging: this.staging, source: feed, catalog, database, sideTopics: [] },
      ...{ progress: found.progress, unreadableAt: found.unreadableAt, now: () => performance.now(), log },
      schemaKnown: (table) => found.names.tables.has(found.names.of(table)),
      onFault: (error) => this.done.abort(error),
    });
    this.pipeline = new Pipeline(
      {
        ...{ staging: this.staging, intake: this.intake, wakeup: this.wakeup, committer, housekeeping: this.housekeeping, database },
        topicTable: (id) => catalog.byTopicId(id).table ?? undefined,
        ...{ names: found.names, generations: found.snapshots, holds: found.holds, rereads: this.rereads },
        planner: new SchemaPlanner({ database, names: found.names, holds: found.holds, store: committer, log }),
        deadLetters: { admits: () => true, unknown: { tables: new Map<string, string>(), known: () => undefined } },
        heads: (table) => this.watch.heads(table),
        ...{ phase: () => this.staging.phase, turn: () => Promise.resolve(), between: () => this.between() },
        ...{ release: () => undefined, committed: (report) => this.committed(report), now: () => performance.now(), log },
      },
      { batchRowsMax: (parts.limits ?? REPLAY_LIMITS).batchRowsMax, commitIntervalMs: 0 },
    );
  }

  static async open(parts: ReplayParts): Promise<ReplayRun> {
    const { store, topicPrefix, database, feed, excludeTables } = parts;
    const catalog = await TopicCatalog.open(new TopicNames(topicPrefix, database), await store.connect());
    const found = await readFindings(store, excludeTables);
    const progress = new Map(found.progress.map((lane) => [`${catalog.byTopicId(lane.topicId).topic}/${lane.partition}`, lane.nextOffset]));
    const roleOf = (topic: string): 'table' | 'transaction' | 'schema' | 'other' => catalog.get(topic)?.role ?? 'other';
    const connection = await store.connect();
    const bronze = await BronzeFeed.open(
      {
        ...feed,
        windowRowsMax: (parts.limits ?? REPLAY_LIMITS).windowRowsMax,
        breaks: new Set(parts.rereads.map(({ endedCommit }) => endedCommit)),
        connection,
        roleOf,
        serverUuid: store.state.serverUuid,
      },
      progress,
    );
    return new ReplayRun(parts, found, { catalog, feed: bronze });
  }

  /**
   * Takes all of bronze; an interrupted run goes on where the shadow's store stands.
   * @throws LedgerflowError LF_REPLAY_STUCK, LF_ABORTED
   */
  async run(signal: AbortSignal): Promise<void> {
    await this.watch.refresh();
    const stop = (): void => this.done.abort();
    signal.addEventListener('abort', stop, { once: true });
    this.movedAt = performance.now();
    try {
      await this.pipeline.run(this.done.signal);
    } finally {
      signal.removeEventListener('abort', stop);
      await this.feed[Symbol.asyncDispose]();
      await this.housekeeping.idle();
    }
    const { reason } = this.done.signal as { reason: unknown };
    if (reason instanceof LedgerflowError) throw reason;
    if (signal.aborted) throw new LedgerflowError('LF_ABORTED', 'the replay was broken off; the same command goes on with it');
  }

  /** Gold anew from the shadow's silver, by the models of this version. */
  async gold(): Promise<{ readonly held: readonly string[]; readonly failures: readonly string[] }> {
    const { store, log } = this.parts;
    const state = (await store.writer.runAndReadAll('SELECT commit_id, gtid FROM ops.state')).getRows()[0];
    await using refresher = await GoldRefresher.open({ gold: await store.connect() }, log);
    const [commitId, gtid] = [Number(state?.[0]), (state?.[1] ?? null) as string | null];
    const outcome = await refresher.refresh({ commitId, gtid, phase: 'streaming' });
    const settled = await refresher.settle();
    await using turns = new GoldTurns(await store.connect(), refresher.models, log);
    await turns.turn();
    const failures = [...outcome.failures, ...settled.failures].map(({ check, observed }) => `${check.name}: ${observed ?? ''}`);
    return { held: outcome.held.map(({ model, reason }) => `${model}: ${reason}`), failures };
  }

  private async between(): Promise<void> {
    const staged = this.staging.partitions.reduce((sum, log) => sum + log.staged, 0);
    const waits = performance.now() - this.movedAt > FEED_AGAIN_MS; // what is staged may wait for what is not read yet
    const ready = this.feed.nextBreaks ? staged === 0 : staged < STAGED_ROWS_MIN;
    if (!this.exhausted && (ready || waits)) await this.feedMore();
    else if (this.exhausted && staged === 0) this.done.abort();
    else if (performance.now() - this.movedAt > (this.parts.limits ?? REPLAY_LIMITS).stuckAfterMs) this.done.abort(this.stuck(staged));
  }

  /**
   * That a table has been read again to its end is no message. The live stream knew it at the commit that says so, when all rows that were
   * read were in the store: here that is before the first message of this commit.
   */
  private tellEndedRereads(): void {
    const { rereads, database } = this.parts;
    const ended = rereads.filter(({ endedCommit }) => endedCommit <= this.fed.commit + 1);
    for (const { signal, table, succeeded } of ended) this.rereads.note(scanNote(`${database}.${table}`, signal, succeeded));
    this.rereads.proven(Number.MAX_SAFE_INTEGER, new Map(this.fedEnds) satisfies Ends);
  }

  private async feedMore(): Promise<void> {
    if (this.feed.nextBreaks) this.tellEndedRereads();
    const found = await this.feed.take();
    if (found === null) {
      this.exhausted = true;
      return;
    }
    for (const page of found.pages) {
      const log = this.watch.partition(page.topic, page.partition);
      if (log === undefined) continue;
      this.intake.take(log, page);
      this.fedEnds.set(`${page.topic}/${page.partition}`, (page.offset[page.count - 1] ?? 0) + 1);
    }
    const { window } = found;
    this.fed = { commit: window.last, seq: window.seq };
    this.movedAt = performance.now();
    // Rows of the first snapshot that are still to come must not look like a second one.
    if (window.last >= this.feed.snapshotThrough && window.seq >= 0) this.staging.prove(window.seq);
    this.wakeup.wake();
  }

  private committed(report: CommitReport): void {
    faultPoint('replay.taken');
    this.movedAt = performance.now();
    this.lastSeq = report.seq;
    this.parts.onProgress({ rows: this.of - this.feed.rowsLeft, of: this.of, seq: report.seq });
  }

  private stuck(staged: number): LedgerflowError {
    const { hold } = this.staging.waiting();
    return new LedgerflowError(
      'LF_REPLAY_STUCK',
      `${staged} messages cannot be taken behind transaction ${this.lastSeq}: ${JSON.stringify(hold)}`,
    );
  }
}

function scanNote(collection: string, id: string, succeeded: boolean): Buffer {
  const status = succeeded ? 'SUCCEEDED' : 'FAILED';
  return Buffer.from(JSON.stringify({ type: 'TABLE_SCAN_COMPLETED', id, additional_data: { scanned_collection: collection, status } }));
}
