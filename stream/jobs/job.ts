// A job: work that is not the stream itself (checks, objectives, fraud, reconciliation), declared in code and run by runner.ts in the
// processor's process. What it writes and the position it has reached are one transaction of the store: it is as if every run happened
// exactly once. A job must be a function of its input, not of how commits fell into runs (docs/adr/0019).

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Logger } from 'pino';

/** Runs after commits that changed one of its inputs; commits that come meanwhile are taken together by the next run. */
export interface CommitTrigger {
  readonly afterCommit: true;
  /** Least time between the starts of two runs; 1 s by default. */
  readonly minIntervalMs?: number;
  /** After a run the job rests this many times as long as the run took, so that it leaves the processor to the stream; 0 by default. */
  readonly restFactor?: number;
  /** … but no longer than this: on a busy machine a run takes long because it waits for a core; unlimited by default. */
  readonly restMaxMs?: number;
}

/** Runs when the schedule says so (five fields, UTC). */
export interface CronTrigger {
  readonly cron: string;
  /** What is done about times that passed while nothing ran: `latest` (default) runs once for all of them, `each` once for every one. */
  readonly catchUp?: 'latest' | 'each';
}

/** Runs after a job whose output it reads has succeeded. */
export interface JobsTrigger {
  readonly afterJobs: true;
}

/** Runs when asked to (`ledgerflow jobs run`). */
export interface ManualTrigger {
  readonly manual: true;
}

export type Trigger = CommitTrigger | CronTrigger | JobsTrigger | ManualTrigger;

/** The state of the lake that a run reads: one snapshot of the store. */
export interface InputPosition {
  /** Last commit that the inputs contain: gold's for a job that reads gold, else the store's. */
  readonly commitId: number;
  readonly gtid: string | null;
}

export interface JobContext {
  /** In the run's own transaction; nothing else uses it meanwhile. BEGIN, COMMIT and ROLLBACK are the runner's. */
  readonly connection: DuckDBConnection;
  readonly position: InputPosition;
  /** Commit of the last run that succeeded; null before the first. The run's changes are those of (previous, position]. */
  readonly previous: number | null;
  /** Rows of a captured table that these commits wrote, as SQL to select from: its columns, _op, _pos, _commit, _ts. */
  readonly changes: (table: string) => string;
  /** Day to work on (YYYY-MM-DD, UTC) of a back-fill or a scheduled run of a partitioned job; null otherwise. */
  readonly partition: string | null;
  /** The schedule's time, when it was one that started the run. */
  readonly scheduledFor: Date | null;
  readonly trigger: RunTrigger;
  readonly runId: number;
  readonly attempt: number;
  readonly versions: Versions;
  /** Time of the run's start: the only clock a job may use. */
  readonly now: Date;
  readonly log: Logger;
  /** Aborts at the time limit and when the process stops. */
  readonly signal: AbortSignal;
}

/** What a job that reads beside the others is told before its run. */
export interface BesideContext {
  readonly runId: number;
  /** Time at which the reading starts. */
  readonly now: Date;
  /** Aborts at the time limit and when the process stops. */
  readonly signal: AbortSignal;
}

export interface Outcome {
  /** What the run did, in numbers and words; kept in ops.job_runs. */
  readonly summary: Readonly<Record<string, string | number | boolean | null>>;
  /** The output is as it was: jobs that wait for this one are not started. */
  readonly unchanged?: boolean;
  /** After the transaction has been committed: for what lives outside the store. Must not throw for what a retry cannot mend. */
  readonly committed?: () => void | Promise<void>;
}

export interface Job {
  readonly name: string;
  readonly description: string;
  /** Raised when the same input gives another output. */
  readonly version: string;
  /** `silver.T`, `gold.M`, `ops.T`, or a table that another job writes. */
  readonly inputs: readonly string[];
  /** Runs also while a captured table it names is not there; otherwise it waits for all of them. */
  readonly optionalInputs?: boolean;
  /** Tables it alone writes. */
  readonly outputs: readonly string[];
  readonly trigger: Trigger;
  /** Can be run for a day. */
  readonly partitioned?: boolean;
  /** A run is ended after this time; 60 s by default. The store keeps old versions as long as a run reads. */
  readonly timeLimitMs?: number;
  /** A run takes no more commits than this; for jobs that read histories up to `position` only. No bound by default. */
  readonly commitsPerRunMax?: number;
  /** Makes its tables where they are missing; once, before the first run. */
  readonly prepareSql?: string;
  /**
   * What takes long and needs no transaction of the run: done before `run`, on connections of its own, while other jobs run. It keeps what it
   * finds for the run of this number. Not for jobs after commits, whose runs have no number before they end.
   * @throws anything: the run is tried again with back-off
   */
  beside?(context: BesideContext): Promise<void>;
  /** @throws anything: the transaction is rolled back and the run is tried again with back-off */
  run(context: JobContext): Promise<Outcome>;
}

export type RunTrigger = 'commit' | 'cron' | 'jobs' | 'manual' | 'backfill';
export type RunState = 'queued' | 'running' | 'succeeded' | 'failed';

/** What made a run's output, besides its input. */
export interface Versions {
  readonly code: string;
  readonly job: string;
}

/** A run that is to take place. */
export interface PlannedRun {
  /** 0: not written down yet, as runs after commits are not before they end. */
  readonly runId: number;
  readonly job: string;
  readonly trigger: RunTrigger;
  readonly partition: string | null;
  readonly scheduledFor: Date | null;
  /** Attempts so far. */
  readonly attempt: number;
  /** Milliseconds since 1970 before which it is not tried (again). */
  readonly notBeforeMs: number;
}

export function readsGold(job: Job): boolean {
  return job.inputs.some((input) => input.startsWith('gold.'));
}
