// The stream processor: wires source, staging, cut and store, and says how it stands. What else lives in the same process
// (gold, publication, endpoints) hangs on `onCommit` and `atQuietPoint`.

import type { Logger } from 'pino';
import { connectOffsets } from '../../cdc/connector/offsets.ts';
import { notificationTopic } from '../../cdc/connector/topic-names.ts';
import type { Page } from '../../cdc/envelope/page.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { ControlCommand } from '../../infra/runtime/control.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Metrics } from '../../infra/runtime/metrics.ts';
import type { Phase } from '../../lake/store/batch.ts';
import { Committer } from '../../lake/store/commit.ts';
import type { CommitReport } from '../../lake/store/commit-report.ts';
import { Housekeeping } from '../../lake/store/housekeeping.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import type { ParkedBook } from '../../lake/store/parked-book.ts';
import { DeadLetters } from '../deadletter/dead-letters.ts';
import { Backpressure } from './backpressure.ts';
import { Staging } from './cut/staging.ts';
import { Backfills } from '../backfill/backfills.ts';
import { hooksOf } from './commit-with-space.ts';
import { observeCommit } from './commit-metrics.ts';
import { DiskGuard } from './disk-guard.ts';
import { Intake } from './intake.ts';
import { Pipeline } from './pipeline.ts';
import type { Holds } from './holds.ts';
import { Prover } from './prover.ts';
import { Rereads } from './rereads.ts';
import { SchemaPlanner } from './schema-planner.ts';
import { ChangeGuard } from '../guard/change-guard.ts';
import { brokerUnreachable, KafkaSource } from './source.ts';
import { readFindings, type StoreFindings } from './store-findings.ts';
import type { TopicCatalog } from './topic-catalog.ts';
import { isBehind, lagPerTopic, type LagParts } from './topic-lag.ts';
import { TopicWatch } from './topic-watch.ts';
import { PageSpill } from './spill/page-spill.ts';
import { openTopics, type Topics } from './topics.ts';
import { Wakeup } from './wakeup.ts';

export interface ProcessorOptions {
  readonly config: Config;
  readonly store: StoreHandle;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** After every commit, in order; must return at once. */
  readonly onCommit: (report: CommitReport) => void;
  /** Resolves when the next commit may begin; default: at once. */
  readonly turn?: () => Promise<void>;
  /** Told of a disk that is nearly full, and of its end (null). */
  readonly onDisk?: (problem: LedgerflowError | null) => void;
}

/** Topic in which Connect keeps source offsets (infra/connect). */
const OFFSETS_TOPIC = '_connect_offsets';
const WAL = { walBytesMax: 256 * 1024 * 1024, walCommitsMax: 20_000 };
const TRANSACTION_TOPIC_FACTOR = 3;

export class Processor {
  readonly staging: Staging;
  readonly housekeeping: Housekeeping;
  readonly committer: Committer;
  readonly deadLetters: DeadLetters;
  readonly holds: Holds;
  readonly guard: ChangeGuard;
  readonly backfills: Backfills;
  readonly privacy: readonly ControlCommand[];
  /** Phase of the last commit. */
  phase: Phase;
  lastCommit: CommitReport | null = null;
  private readonly options: ProcessorOptions;
  private readonly catalog: TopicCatalog;
  private readonly intake: Intake;
  private readonly source: KafkaSource;
  private readonly watch: TopicWatch;
  private readonly prover: Prover;
  private readonly rereads: Rereads;
  private readonly backpressure: Backpressure;
  private readonly pipeline: Pipeline;
  private readonly disk: DiskGuard;
  private readonly wakeup = new Wakeup();
  private readonly spill: PageSpill;
  private failure: unknown = null;

  private constructor(options: ProcessorOptions, topics: Topics, found: StoreFindings) {
    const [{ config, store, log }, { catalog, identities, schemaKnown, privacy }] = [options, topics];
    [this.options, this.catalog, this.phase] = [options, catalog, store.state.phase];
    [this.holds, this.rereads] = [found.holds, new Rereads(config.mysqlDatabase, found.holds)];
    this.staging = new Staging(store.state.seq, store.state.phase);
    this.spill = new PageSpill(`${config.home}/store/staged`, { memoryBytesMax: config.stagedMb << 20 });
    this.intake = new Intake(this.staging, store.state.serverUuid);
    const topicName = (id: number): string => catalog.byTopicId(id).topic;
    const { foldRows: foldRowsMax, segmentRows: segmentRowsMax, parkedResolvedMax } = config;
    this.housekeeping = new Housekeeping(store, { foldRowsMax, segmentRowsMax, parkedResolvedMax, ...WAL }, log, found.pending);
    this.committer = new Committer(store, this.housekeeping, { ...found, topicName, log });
    this.deadLetters = this.deadLettersOf(found.parked);
    this.source = new KafkaSource({
      ...{ brokers: config.kafkaBrokers ?? '', registryUrl: config.registryUrl, serverUuid: store.state.serverUuid },
      ...{ privacy: privacy.settings, sink: this.sink(), log },
      roleOf: (topic) => catalog.get(topic)?.role ?? 'other',
    });
    this.watch = new TopicWatch({
      ...{ staging: this.staging, source: this.source, catalog, progress: found.progress, unreadableAt: found.unreadableAt },
      ...{ database: config.mysqlDatabase, sideTopics: [OFFSETS_TOPIC, notificationTopic(config.topicPrefix)] },
      ...{ onFault: (error: LedgerflowError) => this.fail(error), now: () => performance.now(), identities, schemaKnown, log },
    });
    this.privacy = privacy.commands((subject) => this.source.erase(subject));
    const refreshTopics = (): Promise<boolean> => this.watch.refresh();
    this.prover = new Prover(this.staging, this.source, { topicName, refreshTopics, rereads: this.rereads, log });
    this.backpressure = new Backpressure(this.staging, this.source, topicName, {
      ...{ stagedRowsMax: config.stagedRowsMax, stagedBytesMax: config.stagedMb * 1_048_576 },
      transactionFactor: TRANSACTION_TOPIC_FACTOR,
    });
    const { staging, intake, wakeup, committer, housekeeping } = this;
    this.backfills = Backfills.of(found, config, { store, committer, housekeeping, intake });
    this.guard = ChangeGuard.of(found, config, { staging, intake, wakeup, log });
    this.disk = DiskGuard.of(store, config.diskReserveMb, options.onDisk);
    this.pipeline = new Pipeline(
      {
        ...{ staging, intake, wakeup, committer, housekeeping, now: () => performance.now(), database: config.mysqlDatabase },
        topicTable: (id) => catalog.byTopicId(id).table ?? undefined,
        ...{ names: found.names, backfills: this.backfills, holds: this.holds, rereads: this.rereads },
        ...{ generations: found.snapshots, firstStreamed: found.firstStreamed },
        heads: (table: string) => this.watch.heads(table),
        planner: this.backfills.planner(
          this.guard.planner(new SchemaPlanner({ database: config.mysqlDatabase, ...found, store: committer, log })),
        ),
        deadLetters: this.deadLetters,
        phase: () => this.staging.phase,
        ...{ turn: options.turn ?? (() => Promise.resolve()), between: () => this.between() },
        ...{ release: (page) => this.spill.release(page), hooks: hooksOf(this.disk, this.watch, this.guard) },
        ...{ committed: (report) => this.committed(report), log },
      },
      { batchRowsMax: config.batchRowsMax, commitIntervalMs: config.commitIntervalMs },
    );
  }

  private deadLettersOf(book: ParkedBook): DeadLetters {
    return new DeadLetters({
      ...this.options,
      ...{ staging: this.staging, committer: this.committer, book },
      unsupported: this.holds.reasons,
      commitBetween: (work) => this.commitBetween(work),
    });
  }

  static async open(options: ProcessorOptions): Promise<Processor> {
    const { config, store } = options;
    const found = await readFindings(store, config.excludeTables);
    return new Processor(options, await openTopics(config, store, found), found);
  }

  /** Runs until aborted or until a fault that must not be passed over. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.source.connect();
      await this.watch.refresh();
    } catch (error) {
      throw error instanceof LedgerflowError ? error : brokerUnreachable(this.options.config.kafkaBrokers ?? '', error);
    }
    signal.addEventListener('abort', () => this.wakeup.wake(), { once: true });
    void this.source.watch(signal, () => this.mayBeStalled());
    try {
      await this.pipeline.run(signal);
    } finally {
      await this.source[Symbol.asyncDispose]();
      await this.housekeeping.idle();
      this.spill[Symbol.dispose]();
    }
  }

  /** Server whose transactions have been read; null before the first. */
  get serverUuid(): string | null {
    return this.intake.serverUuid;
  }

  /** A commit that is not the stream's own, between two of the stream's. */
  readonly commitBetween: Pipeline['commitBetween'] = (work) => this.pipeline.commitBetween(work);

  atQuietPoint<T>(work: () => Promise<T>): Promise<T> {
    return this.pipeline.atQuietPoint(work);
  }

  /** Why reading pauses until something outside is mended; null while it does not. */
  get pausedFor(): string | null {
    return this.source.pausedFor ?? this.deadLetters.incident?.toLine() ?? this.guard.problem?.toLine() ?? null;
  }

  lagPerTopic(): Promise<Map<string, number>> {
    return lagPerTopic(this.lagParts());
  }

  private lagParts(): LagParts {
    return { source: this.source, catalog: this.catalog, partition: (topic, partition) => this.watch.partition(topic, partition) };
  }

  private sink(): ConstructorParameters<typeof KafkaSource>[0]['sink'] {
    return {
      ...{ page: (page) => this.take(page), positions: () => this.watch.positions() },
      failed: (error) => this.fail(error),
    };
  }

  /** Is there something to fetch that nothing of ours holds back? */
  private async mayBeStalled(): Promise<boolean> {
    return !this.backpressure.active && this.source.pausedFor === null && (await isBehind(this.lagParts()));
  }

  private readonly fail = (error: unknown): void => {
    this.failure ??= error;
    this.wakeup.wake();
  };

  private take(page: Page): void {
    const { topic, partition } = page;
    if (topic === OFFSETS_TOPIC) {
      for (const offset of connectOffsets(page, this.options.config.connectorName)) this.prover.recorded(offset);
    } else if (topic === notificationTopic(this.options.config.topicPrefix)) {
      this.backfills.notePage(page, this.rereads);
    } else {
      const log = this.watch.partition(topic, partition);
      if (log === undefined) return;
      this.intake.take(log, page);
      this.disk.noSpace(this.spill.relieve(log, this.staging.partitions));
      this.backpressure.apply(this.disk.holding); // a commit may take long, or wait for space
      this.options.metrics.fetchedMessages.inc(page.count);
    }
    this.wakeup.wake();
  }

  private async between(): Promise<void> {
    if (this.failure !== null) throw await this.watch.explain(this.failure);
    await this.disk.check();
    const { hold } = this.staging.waiting();
    this.watch.check(hold.reason === 'topic' || this.staging.phase === 'bootstrap');
    this.backpressure.apply(this.disk.holding);
    this.deadLetters.look();
    await this.prover.advance(this.intake.serverUuid, this.staging.phase === 'bootstrap');
  }

  private committed(report: CommitReport): void {
    this.lastCommit = report;
    this.phase = report.phase;
    this.deadLetters.committed(report);
    const { metrics, onCommit } = this.options;
    const staged = this.staging.partitions.reduce((sum, log) => sum + log.staged, 0);
    observeCommit(metrics, report, staged);
    onCommit(report);
  }
}
