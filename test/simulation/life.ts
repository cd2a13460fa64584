// One life of the processor: the real staging, cut, intake, topic watch, prover, back-pressure, pipeline and publication round, wired
// as stream/processor/processor.ts wires them, over a simulated consumer, store and lake.

import { pino } from 'pino';
import { connectOffsets } from '../../cdc/connector/offsets.ts';
import type { Page } from '../../cdc/envelope/page.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { Backpressure } from '../../stream/processor/backpressure.ts';
import type { PartitionRole } from '../../stream/processor/cut/record.ts';
import { Staging } from '../../stream/processor/cut/staging.ts';
import { PageMaker } from '../../stream/processor/fetch/page-maker.ts';
import { Intake } from '../../stream/processor/intake.ts';
import { Holds } from '../../stream/processor/holds.ts';
import { Pipeline } from '../../stream/processor/pipeline.ts';
import { Prover } from '../../stream/processor/prover.ts';
import { Rereads } from '../../stream/processor/rereads.ts';
import { TableNames } from '../../stream/processor/table-names.ts';
import { TopicWatch } from '../../stream/processor/topic-watch.ts';
import { SimCatalog } from './catalog.ts';
import type { SimWakeup } from './clock.ts';
import { actionsOf } from './controls.ts';
import type { Owner } from './gates.ts';
import { SimPublisher } from './lake.ts';
import { CONNECTOR, DATABASE, OFFSETS_TOPIC } from './messages.ts';
import type { Schedule } from './schedule.ts';
import { SimSource } from './source.ts';
import { SimStore } from './store.ts';
import type { StoreState } from './store-state.ts';
import { Violation } from './violation.ts';
import type { Surroundings } from './surroundings.ts';

const TRANSACTION_TOPIC_FACTOR = 3;
const LOG = pino({ level: 'silent' });

export class Life implements Owner {
  readonly name: string;
  alive = true;
  /** Another processor has taken the store. */
  fenced = false;
  readonly source: SimSource;
  readonly store: SimStore;
  readonly publisher: SimPublisher;
  readonly staging: Staging;
  private readonly world: Surroundings;
  private readonly wakeup: SimWakeup;
  private readonly intake: Intake;
  private readonly watch: TopicWatch;
  private readonly prover: Prover;
  private readonly backpressure: Backpressure;
  private readonly pipeline: Pipeline;
  private readonly holds = new Holds([], []);
  private readonly rereads = new Rereads(DATABASE, this.holds);
  private failure: unknown = null;

  constructor(world: Surroundings, schedule: Schedule) {
    this.world = world;
    const state = world.state;
    const { gates, kafka } = world;
    this.wakeup = world.clock.wakeup(this);
    this.store = new SimStore({ gates, owner: this, disk: world.disk, judge: world.judge, state: () => world.state });
    this.name = `processor ${this.store.epoch}`;
    this.staging = new Staging(state.seq, state.phase);
    this.intake = new Intake(this.staging, state.serverUuid);
    const catalog = new SimCatalog(world, this);
    const maker = new PageMaker(state.serverUuid);
    const roleOf = (topic: string): PartitionRole => catalog.get(topic)?.role ?? 'other';
    this.source = new SimSource({ kafka, gates, owner: this, sink: this.sink(), maker, roleOf });
    const topicName = (topicId: number): string => catalog.nameOf(topicId);
    this.watch = this.watchOf(catalog, state);
    this.prover = new Prover(this.staging, this.source, {
      ...{ topicName, refreshTopics: () => this.watch.refresh(), log: LOG },
      rereads: this.rereads,
    });
    this.backpressure = new Backpressure(this.staging, this.source, topicName, {
      stagedRowsMax: schedule.stagedRowsMax,
      stagedBytesMax: schedule.stagedRowsMax * 1_000,
      transactionFactor: TRANSACTION_TOPIC_FACTOR,
    });
    this.pipeline = this.pipelineOf(catalog, schedule, state);
    this.publisher = new SimPublisher({
      ...{ gates, owner: this, disk: world.disk, judge: world.judge, lake: world.lake, state: () => world.state },
      ...{ epoch: this.store.epoch, roll: () => this.store.roll(), atQuietPoint: (work) => this.pipeline.atQuietPoint(work) },
    });
    void this.run();
  }

  private watchOf(catalog: SimCatalog, state: StoreState): TopicWatch {
    return new TopicWatch({
      ...{ staging: this.staging, source: this.source, catalog, database: DATABASE, sideTopics: [OFFSETS_TOPIC] },
      ...{ progress: [...state.progress.values()], unreadableAt: new Map(state.unreadable) },
      schemaKnown: (table) => state.silver.schemas.has(table),
      onFault: (error) => this.fail(error),
      now: () => this.world.clock.now,
      log: LOG,
    });
  }

  private pipelineOf(catalog: SimCatalog, schedule: Schedule, state: StoreState): Pipeline {
    return new Pipeline(
      {
        ...{ staging: this.staging, intake: this.intake, committer: this.store, wakeup: this.wakeup, database: DATABASE },
        housekeeping: {
          afterCommit: () => this.store.afterCommit(),
          checkpointDue: () => false,
          checkpoint: () => Promise.resolve(),
        },
        topicTable: (topicId) => catalog.tableOf(topicId),
        names: new TableNames([]),
        generations: new Map(state.silver.generations),
        deadLetters: { admits: () => true, unknown: { tables: new Map<string, string>(), known: () => undefined } },
        holds: this.holds,
        planner: { plan: (controls) => Promise.resolve(controls.flatMap(actionsOf)) },
        rereads: this.rereads,
        heads: (table) => this.watch.heads(table),
        phase: () => this.staging.phase,
        turn: () => Promise.resolve(),
        release: () => undefined,
        between: () => this.between(),
        committed: (report) => this.world.acknowledged(this, report.commitId),
        now: () => this.world.clock.now,
        log: LOG,
      },
      { batchRowsMax: schedule.batchRowsMax, commitIntervalMs: 50 },
    );
  }

  private async run(): Promise<void> {
    try {
      await this.watch.refresh();
      await this.pipeline.run(new AbortController().signal);
    } catch (error) {
      this.alive = false;
      this.fenced = error instanceof LedgerflowError && error.code === 'LF_STORE_FENCED';
      if (!this.fenced) this.world.failed(this, error);
    }
  }

  private async between(): Promise<void> {
    if (this.failure !== null) throw this.failure instanceof Error ? this.failure : new Violation(messageOf(this.failure));
    const { hold } = this.staging.waiting();
    this.watch.check(hold.reason === 'topic' || this.staging.phase === 'bootstrap');
    this.backpressure.apply();
    await this.prover.advance(this.intake.serverUuid, this.staging.phase === 'bootstrap');
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    this.wakeup.wake();
  }

  private sink(): ConstructorParameters<typeof SimSource>[0]['sink'] {
    return {
      page: (page) => this.take(page),
      positions: () => this.watch.positions(),
      failed: (error) => this.fail(error),
    };
  }

  private take(page: Page): void {
    if (page.topic === OFFSETS_TOPIC) for (const offset of connectOffsets(page, CONNECTOR)) this.prover.recorded(offset);
    else {
      const log = this.watch.partition(page.topic, page.partition);
      if (log !== undefined) this.intake.take(log, page);
    }
    this.wakeup.wake();
  }

  /** What it waits for: for the message of a run that stands still. */
  standing(): string {
    return JSON.stringify(this.staging.waiting().hold);
  }
}
