// Refreshes gold right after each commit; commits that come while a refresh runs are taken together by the next one.
// Where commits are small they take turns with it: side by side both would take three times as long on two cores.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Logger } from 'pino';
import { messageOf } from '../../infra/runtime/errors.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import type { Phase } from '../../lake/store/batch.ts';
import type { CommitReport, TableChange } from '../../lake/store/commit-report.ts';
import { addTold } from '../../lake/gold/refresh-memory.ts';
import type { GoldJoin } from '../../lake/gold/join.ts';
import type { GoldOutcome } from '../../lake/gold/outcome.ts';
import type { GoldRefresher } from '../../lake/gold/refresh.ts';
import { Wakeup } from './wakeup.ts';

export interface GoldLoopParts {
  readonly refresher: GoldRefresher;
  /** Gold's part in small commits; without it every commit is followed by a refresh. */
  readonly join?: GoldJoin;
  /** For reading the heartbeat that has reached gold. */
  readonly reader: DuckDBConnection;
  readonly phase: () => Phase;
  readonly onOutcome: (outcome: GoldOutcome) => void;
  /** A heartbeat of this time (milliseconds since 1970) is visible in gold. */
  readonly onHeartbeat: (beatenAtMs: number) => void;
  readonly log: Logger;
}

const HEARTBEAT_TABLE = 'heartbeat';
const HEARTBEAT_SQL = 'SELECT epoch_ms(max(beaten_at)) FROM gold.pipeline_heartbeat';
/** A held gold is tried again at least this often, also when nothing is committed. */
const RETRY_MS = 1_000;
const CONFLICTS_MAX = 20;
/** A commit waits no longer than this for gold. */
const TURN_MAX_MS = 50;
/** Catching up, gold leaves the processor to ingestion: it rests after a refresh for a multiple of the time that took. */
const BACKLOG_ROWS = 8_000;
const REST_FACTOR = 12;
const REST_MAX_MS = 20_000;
/** Longer than a commit of a full batch takes. */
const REST_STEP_MS = 1_000;

export class GoldLoop {
  private readonly parts: GoldLoopParts;
  private readonly wakeup = new Wakeup();
  private pending: { commitId: number; gtid: string | null } | null = null;
  /** Null: not known, after a start. */
  private told: Map<string, TableChange | null> | null = null;
  /** Changes committed since the refresh under way began. */
  private pendingRows = 0;
  private conflicts = 0;
  private waiters: (() => void)[] = [];
  /** Last commit that gold has been brought to, or was refused at. */
  settledCommit = -1;
  private lastCommit = -1;
  /** A heartbeat came to gold with a commit. */
  private heartbeatSeen = false;
  /** Waiting for something else than a commit: the end of the snapshot, a check to pass, another transaction. */
  private away = false;

  constructor(parts: GoldLoopParts, commitId: number, gtid: string | null) {
    this.parts = parts;
    if (commitId > 0) this.pending = { commitId, gtid };
  }

  committed(report: CommitReport): void {
    if (report.joined) this.joined(report);
    else this.follow(report);
  }

  /** Gold is at this commit already. */
  private joined({ commitId, told }: CommitReport): void {
    this.lastCommit = commitId;
    this.settle(commitId);
    const outcome = this.parts.join?.lastOutcome;
    if (outcome !== null && outcome !== undefined) this.parts.onOutcome(outcome);
    this.heartbeatSeen ||= told.has(HEARTBEAT_TABLE);
    if (this.heartbeatSeen || this.parts.refresher.settlingDue) this.wakeup.wake();
  }

  private follow(report: CommitReport): void {
    this.pending = { commitId: report.commitId, gtid: report.gtid };
    this.lastCommit = report.commitId;
    this.pendingRows += report.applied;
    if (this.told !== null) addTold(this.told, report.told);
    this.wakeup.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.wakeup.wake(), { once: true });
    while (!signal.aborted) {
      const target = this.pending;
      if (target === null) {
        await this.tidy();
        await this.wakeup.wait(RETRY_MS);
        continue;
      }
      this.pending = null;
      this.pendingRows = 0;
      const started = performance.now();
      await this.refresh(target);
      if (this.parts.refresher.settlingDue) await this.settleSums();
      if (this.pendingRows >= BACKLOG_ROWS) await this.rest(REST_FACTOR * (performance.now() - started), signal);
    }
  }

  /** What is left to do behind commits that gold has joined. */
  private async tidy(): Promise<void> {
    if (this.heartbeatSeen) {
      this.heartbeatSeen = false;
      await this.readHeartbeat();
    }
    if (this.parts.refresher.settlingDue) await this.settleSums();
  }

  /** Rests as long as the backlog goes on: a step in which little was committed means that the end is reached. */
  private async rest(ms: number, signal: AbortSignal): Promise<void> {
    const until = performance.now() + Math.min(ms, REST_MAX_MS);
    while (performance.now() < until && !signal.aborted) {
      const before = this.pendingRows;
      await sleep(REST_STEP_MS, signal).catch(() => undefined); // aborted: the loop ends
      if (this.pendingRows - before < BACKLOG_ROWS / 4) return;
    }
  }

  /** Resolves when the next commit may begin: gold has followed the last one, or takes too long, or is left behind on purpose. */
  async turn(): Promise<void> {
    if (this.settledCommit < this.lastCommit && this.pendingRows < BACKLOG_ROWS && !this.away)
      await this.settled(this.lastCommit, TURN_MAX_MS);
  }

  /** Between two refreshes, so that none takes longer for it. A failure comes again in the next refresh, which deals with it. */
  private async settleSums(): Promise<void> {
    try {
      this.parts.onOutcome(await this.parts.refresher.settle());
    } catch (error) {
      this.told = null;
      this.parts.log.warn({ error: messageOf(error) }, 'gold: settling failed, will be tried again');
    }
  }

  /** Waits until gold has dealt with the commit, `ms` at most. */
  async settled(commitId: number, ms: number): Promise<void> {
    const deadline = performance.now() + ms;
    while (this.settledCommit < commitId && performance.now() < deadline) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - performance.now());
        this.waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  private async refresh(target: { commitId: number; gtid: string | null }): Promise<void> {
    const { told } = this;
    this.told = new Map();
    try {
      const outcome = await this.parts.refresher.refresh({
        ...target,
        phase: this.parts.phase(),
        ...(told === null ? {} : { told }),
      });
      this.conflicts = 0;
      this.parts.onOutcome(outcome);
      this.settle(target.commitId);
      if (outcome.status === 'waiting' || outcome.status === 'held' || outcome.status === 'paused')
        await this.later(target, outcome.status === 'waiting');
      else if (told === null || told.has(HEARTBEAT_TABLE)) await this.readHeartbeat();
    } catch (error) {
      this.conflicts += 1;
      if (this.conflicts > CONFLICTS_MAX) throw error;
      this.parts.log.warn({ error: messageOf(error), attempt: this.conflicts }, 'gold refresh failed, trying again');
      this.told = null;
      this.pending ??= target;
      await this.stayAway(50 * this.conflicts);
    }
  }

  private async stayAway(ms: number): Promise<void> {
    this.away = true;
    await this.wakeup.wait(ms);
    this.away = false;
  }

  /** What could not be done now is part of the next refresh; the refresher remembers what it was told, unless it still waits for the snapshot. */
  private async later(target: { commitId: number; gtid: string | null }, forgotten: boolean): Promise<void> {
    if (forgotten) this.told = null;
    if (this.pending !== null) return;
    await this.stayAway(RETRY_MS);
    this.pending ??= target;
  }

  private settle(commitId: number): void {
    this.settledCommit = Math.max(this.settledCommit, commitId);
    for (const resolve of this.waiters.splice(0)) resolve();
  }

  /** A captured database may be without a heartbeat table: freshness stays unknown then. */
  private async readHeartbeat(): Promise<void> {
    const result = await this.parts.reader.runAndReadAll(HEARTBEAT_SQL).catch((error: unknown) => {
      if (/does not exist/.test(messageOf(error))) return null;
      throw error;
    });
    const row = result?.getRows()[0];
    if (row?.[0] !== null && row?.[0] !== undefined) this.parts.onHeartbeat(Number(row[0]));
  }
}
