// Runs jobs one at a time on a connection of its own, beside the commits: a commit never waits for a job. What has to be run is decided by
// due.ts from what the store knows (book.ts), so a restart goes on where the last process stopped.

import { isAborted, LedgerflowError } from '../../infra/runtime/errors.ts';
import { backoffMs, type RetryPolicy } from '../../infra/runtime/retry.ts';
import { Wakeup } from '../processor/wakeup.ts';
import { attempt, errorText, isReady, type AttemptResult } from './attempt.ts';
import { declareSql, endedSql, failuresSql, JOBS_DDL, pruneSql, readJobs, servedSql, startedSql } from './book.ts';
import { nextRun, restMs, timesCome, type Plant, type Standing } from './due.ts';
import { inOrder, upstream } from './graph.ts';
import type { Job, PlannedRun, Versions } from './job.ts';
import { Readings, type Reading } from './readings.ts';
import { RunQueue } from './run-queue.ts';
import type { RunnerParts, RunReport } from './runner-parts.ts';
import { Schedule } from './schedule.ts';

const RETRIES: RetryPolicy = { attemptsMax: 5, firstDelayMs: 1_000, delayMaxMs: 60_000 };
const WAIT_MAX_MS = 30_000;
/** Inputs that are not there yet are looked for again after this time. */
const INPUT_RETRY_MS = 1_000;
const CATCH_UP_TIMES_MAX = 366;
const KEPT_RUNS_MAX = 500;
const PRUNE_EVERY_RUNS = 50;

export class JobRunner implements AsyncDisposable {
  readonly jobs: readonly Job[];
  private readonly parts: RunnerParts;
  private readonly standings = new Map<string, Standing>();
  private readonly schedules = new Map<string, Schedule>();
  private readonly wakeup = new Wakeup();
  private readonly waiters = new Map<number, ((report: RunReport) => void)[]>();
  private queue!: RunQueue;
  private ended = 0;
  private readonly prepared = new Set<string>();
  private readonly readings = new Readings();
  private underWay: Promise<unknown> = Promise.resolve();

  private constructor(parts: RunnerParts, jobs: readonly Job[]) {
    this.parts = parts;
    this.jobs = inOrder(jobs);
  }

  /** @throws LedgerflowError LF_JOB_INVALID */
  static async open(parts: RunnerParts, jobs: readonly Job[]): Promise<JobRunner> {
    const runner = new JobRunner(parts, jobs);
    const { connection } = parts;
    await connection.run(JOBS_DDL);
    await connection.run(`BEGIN; ${declareSql(runner.jobs, parts.now())}; COMMIT`);
    const known = await readJobs(connection);
    for (const job of runner.jobs) {
      const { position = null, servedUntil = parts.now(), failures = 0 } = known.get(job.name) ?? {};
      // Nothing is known of what changed while nothing ran: everything is looked at once.
      runner.standings.set(job.name, { position, dirty: true, lastStartMs: 0, failures, notBeforeMs: 0, servedUntil });
      if ('cron' in job.trigger) runner.schedules.set(job.name, new Schedule(job.trigger.cron));
    }
    runner.queue = await RunQueue.open(connection, runner.standings);
    return runner;
  }

  /** Waits for the run under way. (A connection closed in the middle of a statement hangs DuckDB.) */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.underWay.catch(() => undefined); // told where it was awaited
    await this.readings.settled();
    this.parts.connection.closeSync();
  }

  /** Something has changed: `silver.T` by a commit, `gold.M` by a refresh. @param names null: unknown what */
  changed(names: { has(name: string): boolean } | null): void {
    const sources = this.parts.sources ?? ((input: string): readonly string[] => [input]);
    for (const job of this.jobs) {
      if (!('afterCommit' in job.trigger)) continue;
      if (names !== null && !job.inputs.some((input) => sources(input).some((name) => names.has(name)))) continue;
      this.standing(job).dirty = true;
      this.wakeup.wake();
    }
  }

  /**
   * Writes a run down that somebody asks for. @returns its number
   * @throws LedgerflowError LF_JOB_UNKNOWN, LF_JOB_QUEUE_FULL, LF_USAGE for a day that the job does not take
   */
  async ask(name: string, partitions: readonly (string | null)[], trigger: 'manual' | 'backfill'): Promise<number[]> {
    const job = this.jobs.find((each) => each.name === name);
    if (job === undefined) throw new LedgerflowError('LF_JOB_UNKNOWN', `there is no job ${name}`);
    if (partitions.some((day) => day !== null) && job.partitioned !== true)
      throw new LedgerflowError('LF_USAGE', `the job ${name} does not work by day`);
    const runs = partitions.map((partition) => ({ job: name, trigger, partition, scheduledFor: null }));
    const ids = await this.exclusively(() => this.queue.add(runs, this.parts.now()));
    this.wakeup.wake();
    return ids;
  }

  /** Resolves when the run has succeeded or failed for good. */
  result(runId: number): Promise<RunReport> {
    return new Promise((resolve) => this.waiters.set(runId, [...(this.waiters.get(runId) ?? []), resolve]));
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.wakeup.wake(), { once: true });
    while (!signal.aborted) await this.step(signal);
  }

  /** One run when one is due, else a wait until something happens or `waitMaxMs`. @returns whether there was a run */
  async step(signal: AbortSignal, waitMaxMs = WAIT_MAX_MS): Promise<boolean> {
    await this.exclusively(() => this.enqueueTimes());
    const nowMs = this.parts.now().getTime();
    const read = this.readings.take();
    const next = read ?? nextRun(this.plant(), nowMs);
    if ('run' in next) {
      await this.exclusively(() => this.serve(next.run, signal, read));
      return true;
    }
    if (waitMaxMs > 0) await this.wakeup.wait(Math.max(1, Math.min(waitMaxMs, (next.atMs ?? Infinity) - nowMs)));
    return false;
  }

  private plant(): Plant {
    const jobs = this.jobs.filter(({ name }) => !this.readings.has(name));
    return { jobs, standings: this.standings, schedules: this.schedules, queue: this.queue.runs };
  }

  private standing(job: Job): Standing {
    return this.standings.get(job.name)!; // made for every job in open()
  }

  /** The connection has one user at a time. */
  private exclusively<T>(work: () => Promise<T>): Promise<T> {
    const run = this.underWay.then(work, work);
    this.underWay = run.catch(() => undefined); // told to the caller
    return run;
  }

  /** Times of schedules that have come: each becomes a run, in one transaction with the note that it was served. */
  private async enqueueTimes(): Promise<void> {
    const come = timesCome(this.plant(), this.parts.now().getTime(), CATCH_UP_TIMES_MAX);
    for (const { job, time } of come) {
      const partition = job.partitioned === true ? time.toISOString().slice(0, 10) : null;
      const run = { job: job.name, trigger: 'cron', partition, scheduledFor: time } as const;
      await this.queue.add([run], this.parts.now(), [servedSql(job.name, time)]);
      this.standing(job).servedUntil = time;
    }
  }

  private async serve(run: PlannedRun, signal: AbortSignal, read?: Reading): Promise<void> {
    const job = this.jobs.find(({ name }) => name === run.job)!; // planned from these jobs
    const standing = this.standing(job);
    const written = run.runId > 0;
    const numbered = written ? run : { ...run, runId: this.queue.nextId };
    const startedAt = read?.startedAt ?? this.parts.now();
    const versions = { code: this.parts.codeVersion, job: job.version };
    standing.lastStartMs = startedAt.getTime();
    const wasDirty = standing.dirty;
    if (run.partition === null) standing.dirty = false; // what is told from now on is for the next run
    try {
      if (read?.error !== undefined) throw read.error;
      if (run.attempt >= RETRIES.attemptsMax)
        throw new LedgerflowError('LF_JOB_BROKEN_OFF', `${run.attempt} attempts ended with the process`);
      await this.prepare(job);
      if (written) await this.parts.connection.run(startedSql(run, startedAt));
      if (job.beside !== undefined && read === undefined && (await isReady(this.parts.connection, job))) {
        this.readings.start({ job, run: numbered, startedAt, signal }, () => this.wakeup.wake());
        return;
      }
      const result = await attempt(this.parts, { job, run: numbered, previous: standing.position, versions, written, signal });
      await this.succeeded(job, numbered, { result, startedAt });
    } catch (error) {
      standing.dirty ||= wasDirty;
      if (isAborted(error)) return;
      await this.failed(job, numbered, { error, startedAt, versions });
    }
  }

  private async prepare(job: Job): Promise<void> {
    if (job.prepareSql !== undefined && !this.prepared.has(job.name)) await this.parts.connection.run(job.prepareSql);
    this.prepared.add(job.name);
  }

  private async succeeded(job: Job, run: PlannedRun, at: { result: AttemptResult; startedAt: Date }): Promise<void> {
    const { result, startedAt } = at;
    const standing = this.standing(job);
    if (result.status === 'waiting') {
      standing.notBeforeMs = startedAt.getTime() + INPUT_RETRY_MS;
      standing.dirty = true;
      this.queue.replace(run, { ...run, notBeforeMs: standing.notBeforeMs });
      this.report({ run, state: 'waiting', durationMs: 0, error: null }, job);
      return;
    }
    this.queue.used(run.runId);
    this.queue.replace(run, null);
    if (run.partition === null) {
      standing.position = result.position.commitId;
      standing.dirty ||= result.behind;
    }
    const tookMs = this.parts.now().getTime() - startedAt.getTime();
    standing.failures = 0;
    standing.notBeforeMs = 'afterCommit' in job.trigger ? this.parts.now().getTime() + restMs(job.trigger, tookMs) : 0;
    if (result.outcome.unchanged !== true)
      for (const after of this.jobs) if (upstream(after, this.jobs).includes(job)) this.standing(after).dirty = true;
    this.report({ run, state: 'succeeded', durationMs: tookMs, error: null }, job);
    await this.after(job, result.outcome.committed);
    this.ended += 1;
    if (this.ended % PRUNE_EVERY_RUNS === 0)
      for (const { name } of this.jobs) await this.parts.connection.run(pruneSql(name, KEPT_RUNS_MAX));
  }

  private async after(job: Job, committed: (() => void | Promise<void>) | undefined): Promise<void> {
    try {
      await committed?.();
    } catch (error) {
      this.parts.log.error({ job: job.name, error: errorText(error) }, 'a job has been committed, what was to follow failed');
    }
  }

  private async failed(job: Job, run: PlannedRun, at: { error: unknown; startedAt: Date; versions: Versions }): Promise<void> {
    const { startedAt, versions } = at;
    const standing = this.standing(job);
    const [error, attempts, finishedAt] = [errorText(at.error), run.attempt + 1, this.parts.now()];
    const final = attempts >= RETRIES.attemptsMax;
    const repeats = run.trigger === 'commit' || run.trigger === 'jobs';
    standing.failures = final ? 0 : attempts;
    standing.notBeforeMs = finishedAt.getTime() + backoffMs(RETRIES, attempts, this.parts.random ?? Math.random);
    const written = this.queue.has(run.runId);
    const state = final ? 'failed' : 'queued';
    const ended = {
      run,
      state,
      previous: standing.position,
      position: null,
      startedAt,
      finishedAt,
      outcome: null,
      error,
      versions,
    } as const;
    // A run after commits that is to be tried again needs no row: a restart looks at everything anyway.
    const rows = written || final ? [endedSql(ended, written)] : [];
    await this.parts.connection.run(['BEGIN', ...rows, failuresSql(job.name, standing.failures), 'COMMIT'].join(';\n'));
    if (final && !written) this.queue.used(run.runId);
    this.queue.replace(run, final || repeats ? null : { ...run, attempt: attempts, notBeforeMs: standing.notBeforeMs });
    this.report({ run, state: final ? 'failed' : 'retrying', durationMs: finishedAt.getTime() - startedAt.getTime(), error }, job);
    this.parts.log[final ? 'error' : 'warn']({ job: job.name, run: run.runId, attempt: attempts, error }, 'a run of a job failed');
  }

  private report(report: RunReport, job: Job): void {
    this.parts.onRun?.(report, job);
    if (report.state !== 'succeeded' && report.state !== 'failed') return;
    for (const resolve of this.waiters.get(report.run.runId) ?? []) resolve(report);
    this.waiters.delete(report.run.runId);
  }
}
