// One attempt of one run: snapshot, work, output and position, all in one transaction of the store.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Logger } from 'pino';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { changesSql } from '../../lake/store/changes-sql.ts';
import { endedSql, positionSql, type EndedRun } from './book.ts';
import { readsGold, type InputPosition, type Job, type Outcome, type PlannedRun, type Versions } from './job.ts';

export interface AttemptParts {
  readonly connection: DuckDBConnection;
  /** Fencing epoch of this process. */
  readonly epoch: number;
  readonly log: Logger;
  readonly now: () => Date;
}

/** Everything an attempt is told. */
export interface AttemptRequest {
  readonly job: Job;
  readonly run: PlannedRun;
  readonly previous: number | null;
  readonly versions: Versions;
  /** The run has a row in ops.job_runs. */
  readonly written: boolean;
  readonly signal: AbortSignal;
}

/** `waiting`: its inputs are not there yet (the first snapshot, gold's first fill); nothing was done. */
export type AttemptResult =
  | { readonly status: 'waiting' }
  | { readonly status: 'succeeded'; readonly position: InputPosition; readonly behind: boolean; readonly outcome: Outcome };

/** Of a job that sets none. */
export const TIME_LIMIT_MS = 60_000;

/** @throws what the job raised, or LF_JOB_TIME_LIMIT; nothing of the attempt stays then */
export async function attempt(parts: AttemptParts, request: AttemptRequest): Promise<AttemptResult> {
  const { connection } = parts;
  const limitMs = request.job.timeLimitMs ?? TIME_LIMIT_MS;
  const late = new AbortController();
  const stop = (): void => {
    late.abort();
    connection.interrupt();
  };
  const timer = setTimeout(stop, limitMs);
  request.signal.addEventListener('abort', stop, { once: true });
  try {
    await connection.run('BEGIN');
    const result = await work(parts, request, late.signal);
    if (result.status === 'waiting') await connection.run('ROLLBACK');
    else await connection.run('COMMIT');
    faultPoint('job.done');
    return result;
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined); // the first error is the one to report
    if (request.signal.aborted) throw new LedgerflowError('LF_ABORTED', 'the run was broken off by a stop', { cause: error });
    if (!late.signal.aborted) throw error;
    throw new LedgerflowError('LF_JOB_TIME_LIMIT', `not ended within ${limitMs} ms`, { where: request.job.name, cause: error });
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener('abort', stop);
  }
}

async function work(parts: AttemptParts, request: AttemptRequest, signal: AbortSignal): Promise<AttemptResult> {
  const { connection, epoch, log } = parts;
  const { job, run, previous, versions } = request;
  const startedAt = parts.now();
  const input = await readInput(connection, job, previous);
  if (input === null) return { status: 'waiting' };
  const { position, behind } = input;
  faultPoint('job.begun');
  const outcome = await job.run({
    ...{ connection, position, previous, versions, log, signal },
    ...{ partition: run.partition, scheduledFor: run.scheduledFor, trigger: run.trigger },
    ...{ runId: run.runId, attempt: run.attempt + 1, now: startedAt },
    changes: (table) => changesSql(table, { after: previous ?? -1, upTo: position.commitId }),
  });
  if (signal.aborted) throw new LedgerflowError('LF_ABORTED', 'the run was broken off');
  const ended: EndedRun = {
    ...{ run, state: 'succeeded', previous, position, startedAt, finishedAt: parts.now(), versions, error: null },
    outcome: JSON.stringify(outcome.summary),
  };
  await connection.run(`SELECT CASE WHEN epoch <> ${epoch} THEN error('LF_STORE_FENCED') END FROM ops.state`);
  await connection.run(endedSql(ended, request.written));
  if (run.partition === null) await connection.run(positionSql(job.name, position));
  faultPoint('job.applied');
  return { status: 'succeeded', position, behind, outcome };
}

/** Whether the job's inputs are there: a run would not answer `waiting`. */
export async function isReady(connection: DuckDBConnection, job: Job): Promise<boolean> {
  return (await readInput(connection, job, null)) !== null;
}

/** The first statement of the transaction: it fixes the snapshot that everything in it sees. */
async function readInput(
  connection: DuckDBConnection,
  job: Job,
  previous: number | null,
): Promise<{ position: InputPosition; behind: boolean } | null> {
  const reader = await connection.runAndReadAll(
    'SELECT s.phase, s.commit_id, s.gtid, g.commit_id, g.gtid FROM ops.state AS s LEFT JOIN ops.gold_state AS g ON true',
  );
  const [phase, commitId, gtid, goldCommit, goldGtid] = reader.getRows()[0] ?? [];
  const gold = readsGold(job);
  const at = Number((gold ? goldCommit : commitId) ?? -1);
  if (phase !== 'streaming' || at < 0 || !(await captured(connection, job))) return null;
  const bound = job.commitsPerRunMax === undefined ? at : Math.min(at, (previous ?? -1) + job.commitsPerRunMax);
  const own = ((gold ? goldGtid : gtid) ?? null) as string | null;
  if (bound === at) return { position: { commitId: at, gtid: own }, behind: false };
  const found = await connection.runAndReadAll(`SELECT gtid FROM ops.commits WHERE commit_id = ${bound}`);
  return { position: { commitId: bound, gtid: (found.getRows()[0]?.[0] ?? null) as string | null }, behind: true };
}

/**
 * Are all captured tables that the job reads there? Asked of the store's own records: DuckDB's catalog functions look into every attached
 * database, and a run would hold them all, the catalog of a publication among them.
 */
async function captured(connection: DuckDBConnection, job: Job): Promise<boolean> {
  const names = job.inputs.filter((input) => input.startsWith('silver.')).map((input) => literal(input.slice('silver.'.length)));
  if (names.length === 0 || job.optionalInputs === true) return true;
  const reader = await connection.runAndReadAll(
    `SELECT count(DISTINCT table_name) FROM ops.table_schemas WHERE table_name IN (${names.join(', ')})`,
  );
  return Number(reader.getRows()[0]?.[0]) === names.length;
}

/** What went wrong, for ops.job_runs: one line. */
export function errorText(error: unknown): string {
  const text = error instanceof LedgerflowError ? `${error.code}: ${error.message}` : messageOf(error);
  return text.split('\n')[0]?.slice(0, 1_000) ?? text;
}
