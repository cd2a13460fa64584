// Runs that are written down and wait: asked for, back-fills, times of schedules, retries. Kept in ops.job_runs and here alike.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { queueSql, readLastRunId, readQueue } from './book.ts';
import type { PlannedRun } from './job.ts';

const QUEUE_RUNS_MAX = 1_000;

export class RunQueue {
  runs: readonly PlannedRun[];
  private lastRunId: number;
  private readonly connection: DuckDBConnection;

  private constructor(connection: DuckDBConnection, runs: readonly PlannedRun[], lastRunId: number) {
    this.connection = connection;
    this.runs = runs;
    this.lastRunId = lastRunId;
  }

  /** What waited when the last process ended. @param known jobs of this code version; runs of others stay as they are */
  static async open(connection: DuckDBConnection, known: { has(job: string): boolean }): Promise<RunQueue> {
    const runs = (await readQueue(connection)).filter((run) => known.has(run.job));
    return new RunQueue(connection, runs, await readLastRunId(connection));
  }

  /** Number of the next run that is written down. */
  get nextId(): number {
    return this.lastRunId + 1;
  }

  /** A run with this number has a row. */
  used(runId: number): void {
    this.lastRunId = Math.max(this.lastRunId, runId);
  }

  has(runId: number): boolean {
    return this.runs.some((run) => run.runId === runId);
  }

  /**
   * Writes runs down, with `more` statements in the same transaction. @returns their numbers
   * @throws LedgerflowError LF_JOB_QUEUE_FULL
   */
  async add(
    wanted: readonly Pick<PlannedRun, 'job' | 'trigger' | 'partition' | 'scheduledFor'>[],
    now: Date,
    more: readonly string[] = [],
  ): Promise<number[]> {
    if (this.runs.length + wanted.length > QUEUE_RUNS_MAX)
      throw new LedgerflowError('LF_JOB_QUEUE_FULL', `${this.runs.length} runs wait, ${QUEUE_RUNS_MAX} may`);
    const runs = wanted.map((one, index) => ({ ...one, runId: this.lastRunId + 1 + index, attempt: 0, notBeforeMs: 0 }));
    try {
      await this.connection.run(['BEGIN', ...runs.map((run) => queueSql(run, now)), ...more, 'COMMIT'].join(';\n'));
    } catch (error) {
      await this.connection.run('ROLLBACK').catch(() => undefined); // the first error is the one to report
      throw error;
    }
    this.lastRunId += runs.length;
    this.runs = [...this.runs, ...runs];
    return runs.map(({ runId }) => runId);
  }

  /** What is left of a run: the same to be tried again, or nothing. */
  replace(run: PlannedRun, next: PlannedRun | null): void {
    if (!this.has(run.runId)) return;
    const others = this.runs.filter(({ runId }) => runId !== run.runId);
    this.runs = next === null ? others : [...others, next];
  }
}
