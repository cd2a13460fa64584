// The heart, on one screen: next cut → take → stage in the store → commit → tell the others. Reading goes on meanwhile.

import type { Logger } from 'pino';
import { topicPart } from '../../cdc/connector/topic-names.ts';
import type { Page } from '../../cdc/envelope/page.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import type { CommitRequest, ControlAction, Phase } from '../../lake/store/batch.ts';
import type { Committer } from '../../lake/store/commit.ts';
import type { CommitReport } from '../../lake/store/commit-report.ts';
import type { Housekeeping } from '../../lake/store/housekeeping.ts';
import type { Slot, StagedCommit } from '../../lake/store/staging-table.ts';
import { commitWithSpace, cutWith, type PipelineHooks } from './commit-with-space.ts';
import { holdControls, parkHeldRecords, unreadableRecords, unsupportedRecords } from './controls.ts';
import type { UnknownTables } from '../deadletter/unknown-tables.ts';
import type { Backfills } from '../backfill/backfills.ts';
import { refuseSecondSnapshot } from './snapshot-guard.ts';
import type { Cut } from './cut/cut.ts';
import type { Staging } from './cut/staging.ts';
import type { TakenCut } from './cut/take.ts';
import type { FirstStreamed } from './first-streamed.ts';
import type { Holds } from './holds.ts';
import type { Intake } from './intake.ts';
import type { Heads, Rereads } from './rereads.ts';
import type { SchemaPlanner } from './schema-planner.ts';
import { snapshotActions } from './snapshot-generation.ts';
import type { TableNames } from './table-names.ts';
import type { Wakeup } from './wakeup.ts';

export interface PipelineLimits {
  /** Messages in one commit; one transaction may exceed it. */
  readonly batchRowsMax: number;
  /** Time between two commits under load, at most; less while commits and gold are quick. */
  readonly commitIntervalMs: number;
}

export interface PipelineParts {
  readonly staging: Staging;
  readonly intake: Pick<Intake, 'serverUuid' | 'unreadable'>;
  readonly committer: Pick<Committer, 'stage' | 'commit' | 'schemas'>;
  readonly housekeeping: Pick<Housekeeping, 'afterCommit' | 'checkpointDue' | 'checkpoint'>;
  readonly wakeup: Pick<Wakeup, 'wake' | 'wait'>;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly database: string;
  /** Captured table of a topic as the topic's name has it. */
  readonly topicTable: (topicId: number) => string | undefined;
  /** Captured tables as MySQL names them. */
  readonly names: TableNames;
  /** Table → snapshot its rows belong to, as the store knows it. */
  readonly generations: Map<string, string>;
  /** Refuses a second snapshot in the middle of the stream, before the first one is proven to be read. */
  readonly firstStreamed?: Pick<FirstStreamed, 'judge'>;
  /** Whether a flood of parked records pauses ingestion, and tables that nobody knows. */
  readonly deadLetters: { admits(): boolean; readonly unknown: Pick<UnknownTables, 'tables' | 'known'> };
  readonly holds: Holds;
  readonly planner: Pick<SchemaPlanner, 'plan'>;
  readonly rereads: Pick<Rereads, 'begun' | 'ended'>;
  readonly heads: Heads;
  readonly backfills?: Backfills;
  /** Phase the next commit is in. */
  readonly phase: () => Phase;
  /** Resolves when the next commit may begin: gold has followed the last one. */
  readonly turn: () => Promise<void>;
  /** Called between commits: proofs, new topics, back-pressure. */
  readonly between: () => Promise<void>;
  /** All messages of the page are committed. */
  readonly release: (page: Page) => void;
  readonly hooks?: PipelineHooks;
  readonly committed: (report: CommitReport) => void;
  readonly log: Logger;
}

interface QuietRequest {
  readonly serve: () => Promise<void>;
  readonly refuse: () => void;
}

/** Transactions that change nothing captured move the position only: at most this often. */
const EMPTY_COMMIT_INTERVAL_MS = 1_000;
/** A commit begins this many times as long after the last one began as that one and gold took: the rest is for MySQL and Kafka. */
const PACE = 1.25;
/** Small commits gain nothing from being staged while the one before is committed. */
const OVERLAP_ROWS_MIN = 2_000;
const IDLE_WAIT_MS = 200;

export class Pipeline {
  private readonly parts: PipelineParts;
  private readonly limits: PipelineLimits;
  private lastCommitAt = 0;
  /** What the last commit and gold's refresh took together; null while they are under way. */
  private tookMs: number | null = 0;
  private slot: Slot = 0;
  private readonly quietRequests: QuietRequest[] = [];
  private running = false;
  /** Quiet work of the time before and after the run. */
  private outside: Promise<unknown> = Promise.resolve();

  constructor(parts: PipelineParts, limits: PipelineLimits) {
    this.parts = parts;
    this.limits = limits;
  }

  /** Commits until aborted; what is staged then is read again by the next process. */
  async run(signal: AbortSignal): Promise<void> {
    const { wakeup } = this.parts;
    let previous: Promise<void> = Promise.resolve();
    for (let waited: unknown = null; waited !== this.outside;) await (waited = this.outside);
    this.running = true;
    try {
      while (!signal.aborted) {
        await this.parts.turn();
        this.tookMs ??= this.parts.now() - this.lastCommitAt;
        await this.parts.between();
        if (this.quietRequests.length > 0) {
          await previous;
          await this.quietRequests.shift()?.serve();
        }
        const cut = await this.nextCut(previous);
        if (cut === null || !this.due(cut)) {
          await previous;
          await wakeup.wait(this.waitMs(cut));
          continue;
        }
        if (cut.controls.length > 0) await previous; // what they mean depends on the shapes and rows before them
        const staged = await this.stage(cut);
        await previous;
        previous = this.commit(staged, signal);
        if (cut.records < OVERLAP_ROWS_MIN || cut.controls.length > 0) await previous;
        else previous.catch(() => undefined); // awaited in the next round
      }
    } finally {
      this.running = false;
      for (const request of this.quietRequests.splice(0)) request.refuse();
      await previous;
    }
  }

  /** Runs `work` between two commits, when nothing is being committed. @throws LedgerflowError LF_ABORTED when the pipeline stops first */
  atQuietPoint<T>(work: () => Promise<T>): Promise<T> {
    if (!this.running) {
      const turn = this.outside.then(work); // the first commit waits for it
      this.outside = turn.catch(() => undefined);
      return turn;
    }
    return new Promise<T>((resolve, reject) => {
      this.quietRequests.push({
        serve: () => work().then(resolve, reject),
        refuse: () => reject(new LedgerflowError('LF_ABORTED', 'the pipeline stops')),
      });
      this.parts.wakeup.wake();
    });
  }

  /** A commit that is not the stream's own, between two of the stream's; what follows a commit follows it too. */
  async commitBetween<T>(work: () => Promise<{ readonly result: T; readonly report: CommitReport | null }>): Promise<T> {
    if (!this.running) throw new LedgerflowError('LF_ABORTED', 'the pipeline does not run yet, or not any more');
    return this.atQuietPoint(async () => {
      const { result, report } = await work();
      if (report !== null) await this.follow(report);
      return result;
    });
  }

  private async nextCut(previous: Promise<void>): Promise<Cut | null> {
    const { staging, deadLetters, hooks } = this.parts;
    if (!deadLetters.admits()) return null;
    return await cutWith(hooks, () => staging.nextCut({ recordsMax: this.limits.batchRowsMax }), previous);
  }

  private due(cut: Cut): boolean {
    return this.parts.now() - this.lastCommitAt >= this.intervalMs(cut);
  }

  private intervalMs(cut: Cut): number {
    return cut.onlyEmpty ? EMPTY_COMMIT_INTERVAL_MS : Math.min(this.limits.commitIntervalMs, PACE * (this.tookMs ?? 0));
  }

  private waitMs(cut: Cut | null): number {
    if (cut === null) return IDLE_WAIT_MS;
    return Math.max(1, Math.min(IDLE_WAIT_MS, this.intervalMs(cut) - (this.parts.now() - this.lastCommitAt)));
  }

  private async stage(cut: Cut): Promise<StagedCommit> {
    const { staging, committer } = this.parts;
    this.lastCommitAt = this.parts.now();
    this.tookMs = null;
    const before = this.parts.phase();
    const request = await this.requestOf(staging.take(cut), before);
    this.slot = this.slot === 0 ? 1 : 0;
    const staged = await committer.stage(request, this.slot);
    faultPoint('pipeline.staged');
    this.readyTables(request.controls);
    return staged;
  }

  private async requestOf(taken: TakenCut, before: Phase): Promise<CommitRequest> {
    const { intake, names, holds, generations, phase } = this.parts;
    const { cut } = taken;
    const planned = cut.controls.length === 0 ? [] : await this.parts.planner.plan(cut.controls);
    const tableOf = names.lookup(this.parts.topicTable);
    const known = new Set(generations.values());
    const snapshots = snapshotActions(taken, tableOf, generations);
    refuseSecondSnapshot(snapshots, before, known);
    this.parts.firstStreamed?.judge(taken, snapshots, before);
    const controls = [...planned, ...snapshots, ...holdControls(taken, tableOf, this.parts)];
    for (const { kind, table } of controls) if (kind === 'schema' || kind === 'hold') this.parts.deadLetters.unknown.known(table);
    const heldRecords = parkHeldRecords(taken, tableOf, holds, names);
    const uuid = intake.serverUuid;
    const storedAs = new Map(holds.list().map(({ table }) => [table, holds.storedAs(table)]));
    return {
      records: taken.records,
      tableOf,
      storedAs: (table) => storedAs.get(table) ?? table,
      heldRecords,
      controls,
      unreadable: [
        ...unreadableRecords(taken, intake.unreadable),
        ...unsupportedRecords(taken, tableOf, { tables: this.parts.deadLetters.unknown.tables, reason: 'LF_TABLE_UNKNOWN' }, names),
      ],
      progress: taken.progress,
      seq: cut.seq,
      gtid: uuid === null || cut.seq <= 0 ? null : `${uuid}:${cut.seq}`,
      serverUuid: uuid,
      phase: phase(),
    };
  }

  /** Rows of a table may be cut once its shape is committed, or is part of a commit that goes before them. */
  private readyTables(controls: readonly ControlAction[]): void {
    const { staging, database } = this.parts;
    for (const { kind, table } of controls) {
      if (kind === 'schema' || kind === 'hold') staging.setReady(topicPart(`${database}.${table}`));
      if (kind === 'drop') staging.setReady(topicPart(`${database}.${table}`), false);
    }
  }

  private async commit(staged: StagedCommit, signal: AbortSignal): Promise<void> {
    const report = await commitWithSpace(this.parts.committer, staged, this.parts.hooks?.spaceNeeded, signal);
    for (const { page, from, count } of staged.request.records.runs) if (from + count === page.count) this.parts.release(page);
    await this.follow(report);
  }

  private async follow(report: CommitReport): Promise<void> {
    const { committer, housekeeping } = this.parts;
    housekeeping.afterCommit(report.commitId, { marks: report.marks, tailRows: report.tailRows }, committer.schemas);
    this.parts.committed(report);
    if (housekeeping.checkpointDue()) await housekeeping.checkpoint();
  }
}
