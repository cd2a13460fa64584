// What a runner of jobs is given, and what it tells.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Logger } from 'pino';
import type { Job, PlannedRun, RunState } from './job.ts';

/** A run that has ended, for good or for now. */
export interface RunReport {
  readonly run: PlannedRun;
  readonly state: Exclude<RunState, 'queued' | 'running'> | 'retrying' | 'waiting';
  readonly durationMs: number;
  readonly error: string | null;
}

export interface RunnerParts {
  /** Nothing else may use it. */
  readonly connection: DuckDBConnection;
  readonly epoch: number;
  readonly codeVersion: string;
  readonly now: () => Date;
  readonly random?: () => number;
  /** What an input stands on: the models under a view. Default: itself. */
  readonly sources?: (input: string) => readonly string[];
  readonly onRun?: (report: RunReport, job: Job) => void;
  readonly log: Logger;
}
