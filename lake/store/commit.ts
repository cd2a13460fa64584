// One commit of the working store: schema changes, silver, bronze, offsets, position and GTID in one transaction.

import type { Logger } from 'pino';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { isDiskFull, isInvalidated } from '../../infra/runtime/disk-full.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import { APPLIED, CONTROL, DUPLICATE, PARKED, TOMBSTONE, type CommitRequest, type ParkedRecord } from './batch.ts';
import { keepBooks } from './bookkeeping.ts';
import { bronzeSql, heldRecordsSql, insertRowsSql, workPerTopic, type TopicWork } from './commit-sql.ts';
import { controlSql } from './control-sql.ts';
import { FollowerFailed, type CommitFollower } from './commit-follower.ts';
import { fencedOr, runAside, type AsideCommit } from './aside-commit.ts';
import { findUnconvertible } from './diagnose.ts';
import { ParkedJudge } from './parked-judge.ts';
import { parkedControlsSql, parkedSql, supersededSql } from './parked-sql.ts';
import { countDispositions, toldOf, type CommitReport } from './commit-report.ts';
import { FEW_ROWS_MAX, KeptStatements } from './kept-statements.ts';
import type { Housekeeping } from './housekeeping.ts';
import type { StoreHandle } from './open.ts';
import type { ParkedBook } from './parked-book.ts';
import { bronzeSelect, listSegmentSql, writeSegment, type Segment } from './segments.ts';
import { fillStaging, type Slot, type StagedCommit } from './staging-table.ts';
import type { RecordBatch } from './record-batch.ts';
import { chainDigestOfSlices, type ChainSlice } from '../publish/chain.ts';

/** Batches of at least this many rows go to a bronze segment of their own; smaller ones to the tail table. */
const SEGMENT_OF_ITS_OWN_ROWS = 4_000;

/** Applies commits in order. Owns the store's writer connection and the current schemas. */
export class Committer {
  commitId: number;
  readonly schemas: Map<string, TableSchema>;
  /** Joins the transactions of small commits. */
  follower: CommitFollower | null = null;
  private readonly judge: ParkedJudge;
  private chain: string;
  /** Commit number of the batch staged last. */
  private stagedId: number;
  private readonly statements: KeptStatements;
  private stagingMade = 0;
  private readonly store: StoreHandle;
  private readonly housekeeping: Housekeeping;
  private readonly topicNames: (topicId: number) => string;
  private readonly log: Logger;

  constructor(
    store: StoreHandle,
    housekeeping: Housekeeping,
    context: { schemas: Map<string, TableSchema>; parked: ParkedBook; topicName: (id: number) => string; log: Logger },
  ) {
    this.store = store;
    this.housekeeping = housekeeping;
    this.commitId = store.state.commitId;
    this.stagedId = store.state.commitId;
    this.statements = new KeptStatements(store.writer);
    this.chain = store.state.chain;
    this.schemas = context.schemas;
    this.judge = new ParkedJudge(context.parked, context.topicName);
    this.topicNames = context.topicName;
    this.log = context.log;
  }

  /** Fills a staging slot; may run while the commit before works on the other slot. Batches are staged in the order of their commits. */
  async stage(request: CommitRequest, slot: Slot): Promise<StagedCommit> {
    this.stagedId += 1;
    const staged = this.judge.first(request, slot, this.stagedId);
    await fillStaging(this.store.stager, staged, this.store.staging);
    return staged;
  }

  private async judgeAgain(before: StagedCommit, poison: readonly ParkedRecord[]): Promise<StagedCommit> {
    const { staged, refill } = this.judge.again(before, poison);
    if (refill) await fillStaging(this.store.writer, staged, this.store.staging); // the stager may be filling the other slot
    return staged;
  }

  /**
   * Commits a staged batch. Records that do not convert are parked by name and the commit is tried again without them.
   * @throws LedgerflowError LF_STORE_FENCED when a newer process has taken the store.
   */
  async commit(staged: StagedCommit): Promise<CommitReport> {
    if (staged.request.controls.length > 0) await this.housekeeping.settled();
    const judged = this.judge.isStale(staged) ? await this.judgeAgain(staged, staged.poison) : staged;
    try {
      return await this.attempt(judged);
    } catch (error) {
      if (error instanceof FollowerFailed) return await this.commitAlone(judged, error);
      if (error instanceof LedgerflowError) throw error;
      if (isInvalidated(error)) throw new LedgerflowError('LF_STORE_INVALIDATED', messageOf(error), { cause: error });
      if (isDiskFull(error)) throw new LedgerflowError('LF_DISK_FULL', `the commit found no space: ${messageOf(error)}`, { cause: error });
      const { schemas } = controlSql(staged.request.controls, this.schemas, staged.commitId); // as they are when the rows are inserted
      const unconvertible = await findUnconvertible(this.store.writer, judged, schemas).catch(() => []); // the first error is the one to tell
      if (unconvertible.length === 0) throw new LedgerflowError('LF_COMMIT_FAILED', `commit failed: ${messageOf(error)}`, { cause: error });
      this.log.warn({ parked: unconvertible.length, first: unconvertible[0] }, 'records do not convert, parking them');
      return await this.attempt(await this.judgeAgain(judged, [...judged.poison, ...unconvertible]));
    }
  }

  /** A staging table was made anew: what is kept would be planned anew at every run. */
  private heedStaging(): void {
    const { made } = this.store.staging;
    if (made !== this.stagingMade) this.statements.clear();
    this.stagingMade = made;
  }

  private async commitAlone(staged: StagedCommit, failure: FollowerFailed): Promise<CommitReport> {
    this.log.warn({ error: failure.message, commitId: staged.commitId }, 'gold could not join a commit, which is committed without it');
    const { follower } = this;
    this.follower = null;
    try {
      return await this.commit(staged);
    } finally {
      this.follower = follower;
    }
  }

  /**
   * A commit that takes nothing from Kafka: the position stays. Only between two commits, with nothing staged.
   * @throws LedgerflowError LF_STORE_FENCED; anything else as the store raised it, with nothing changed
   */
  async commitAside(aside: AsideCommit): Promise<CommitReport> {
    await this.housekeeping.settled();
    const commitId = this.commitId + 1;
    const chain = chainDigestOfSlices(this.chain, []);
    const standing = await runAside(this.store, aside, { commitId, chain });
    this.stagedId = commitId;
    this.adopt(this.schemas, commitId, chain);
    const nothing = { joined: false, applied: 0, duplicates: 0, tombstones: 0, control: 0, parked: 0, tailRows: 0 };
    const { redriven } = aside;
    const told = new Map([...aside.touched].map((table) => [table, null]));
    return { commitId, ...standing, committedAt: Date.now(), ...nothing, redriven, told, marks: redriven };
  }

  /**
   * Does a row of the relation meet one of the conditions? Of silver as the last commit left it.
   * A condition that cannot be evaluated counts as met: the caller asks whether something may have changed.
   */
  async anyRow(relation: string, conditions: readonly string[]): Promise<boolean> {
    if (conditions.length === 0) return false;
    try {
      const reader = await this.store.writer.runAndReadAll(
        `SELECT EXISTS (SELECT 1 FROM ${relation} WHERE ${conditions.map((condition) => `(${condition})`).join(' OR ')})`,
      );
      return reader.getRows()[0]?.[0] !== false;
    } catch (error) {
      this.log.error({ err: error, relation, conditions }, 'rows cannot be looked at, so they count as changed');
      return true;
    }
  }

  private async attempt(staged: StagedCommit): Promise<CommitReport> {
    const started = performance.now();
    const { request, slot } = staged;
    const { commitId } = staged;
    if (commitId !== this.commitId + 1) throw new Error(`commit ${commitId} does not follow ${this.commitId}`);
    const { writer, segmenter, bronzeFolder, state } = this.store;
    const ownSegment = request.records.count >= SEGMENT_OF_ITS_OWN_ROWS;
    const segment = ownSegment ? writeSegment(segmenter, bronzeFolder, bronzeSelect(slot), [commitId, commitId]) : null;
    segment?.catch(() => undefined); // awaited below; a failing statement before that must not leave it unhandled
    const chain = chainDigestOfSlices(this.chain, chainSlices(request.records));
    const counts = countDispositions(request.records);
    const reshaping = request.controls.length > 0;
    const few = request.records.count <= FEW_ROWS_MAX && !reshaping;
    const follower = few ? (this.follower?.attend(commitId) ?? null) : null;
    let joined = false;
    try {
      const controls = controlSql(request.controls, this.schemas, commitId);
      const work = workPerTopic(staged);
      const rows = insertRowsSql(staged, work, controls.schemas);
      if (!ownSegment) rows.push(bronzeSql(slot));
      const bookkeeping = [parkedSql(staged, this.topicNames), supersededSql(staged), heldRecordsSql(request)].filter(
        (part) => part !== '',
      );
      this.heedStaging();
      await this.statements.run('BEGIN');
      if (reshaping) await writer.run(`${controls.sql} ${parkedControlsSql(request.controls, commitId)}`);
      faultPoint('commit.begun');
      await this.runRows(rows, reshaping ? 'reshaping' : few ? 'few' : 'many');
      faultPoint('commit.rows');
      if (bookkeeping.length > 0) await writer.run(bookkeeping.join(';\n'));
      await keepBooks(this.statements, request, { commitId, epoch: state.epoch, chain, counts });
      faultPoint('commit.bookkept');
      const written: Segment | null = segment === null ? null : await segment;
      if (written !== null) faultPoint('commit.segment');
      if (written !== null) await writer.run(listSegmentSql(written));
      const { gtid, phase } = request;
      joined = (await follower?.join({ commitId, gtid, phase, told: toldOf(staged, work) })) ?? false;
      await this.statements.run('COMMIT');
      faultPoint('commit.done');
      if (joined) await follower?.committed();
      else follower?.left();
      this.adopt(controls.schemas, commitId, chain);
      await this.judge.committed(staged, writer);
      return { commitId, joined, ...this.reportOf(staged, work), durationMs: performance.now() - started };
    } catch (error) {
      follower?.left();
      await segment?.catch(() => undefined); // an orphan file is removed at the next open
      await writer.run('ROLLBACK').catch(() => undefined); // the first error is the one to report
      throw fencedOr(error);
    }
  }

  /** A commit that changes tables plans its statements for itself; what was kept of those tables is void after it. */
  private async runRows(rows: readonly string[], how: 'reshaping' | 'few' | 'many'): Promise<void> {
    if (how === 'reshaping') this.statements.clear();
    if (how === 'few') await this.statements.runAll(rows);
    else for (const sql of rows) await (how === 'reshaping' ? this.store.writer.run(sql) : this.statements.run(sql));
  }

  private adopt(schemas: ReadonlyMap<string, TableSchema>, commitId: number, chain: string): void {
    this.commitId = commitId;
    this.chain = chain;
    if (schemas === this.schemas) return;
    this.schemas.clear();
    for (const [table, schema] of schemas) this.schemas.set(table, schema);
  }

  private reportOf(staged: StagedCommit, work: ReadonlyMap<number, TopicWork>): Omit<CommitReport, 'commitId' | 'joined' | 'durationMs'> {
    const counts = countDispositions(staged.request.records);
    const { request } = staged;
    return {
      seq: request.seq,
      phase: request.phase,
      gtid: request.gtid,
      committedAt: Date.now(),
      applied: counts[APPLIED] ?? 0,
      duplicates: counts[DUPLICATE] ?? 0,
      tombstones: counts[TOMBSTONE] ?? 0,
      control: counts[CONTROL] ?? 0,
      parked: counts[PARKED] ?? 0,
      redriven: 0,
      told: toldOf(staged, work),
      marks: staged.gone.reduce((sum, gone) => sum + gone, 0),
      tailRows: request.records.count >= SEGMENT_OF_ITS_OWN_ROWS ? 0 : request.records.count,
    };
  }
}

function chainSlices({ runs }: RecordBatch): ChainSlice[] {
  return runs.map(({ page, from, count }) => ({
    topic: page.topic,
    partition: page.partition,
    // Read one after the other: bytes that were spilled come back only for as long as they are hashed.
    get bytes() {
      return page.bytes.subarray(page.boundary(from), page.boundary(from + count));
    },
  }));
}
