// What the store knows of jobs and their runs: ops.jobs (one row per job, with its position) and ops.job_runs (one row per run).
// A run after a commit is written down when it ends, in the transaction of its output; every other one also before it begins.

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal, nullable } from '../../infra/runtime/sql-text.ts';
import type { InputPosition, Job, PlannedRun, RunState, RunTrigger, Versions } from './job.ts';

export const JOBS_DDL = `
CREATE TABLE IF NOT EXISTS ops.jobs (job VARCHAR NOT NULL, description VARCHAR NOT NULL, version VARCHAR NOT NULL, inputs VARCHAR NOT NULL, outputs VARCHAR NOT NULL,
  trigger VARCHAR NOT NULL, declared BOOLEAN NOT NULL, position BIGINT, gtid VARCHAR, served_until TIMESTAMPTZ NOT NULL, failures INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS ops.job_runs (run_id BIGINT NOT NULL, job VARCHAR NOT NULL, trigger VARCHAR NOT NULL, state VARCHAR NOT NULL, attempt INTEGER NOT NULL, partition DATE,
  scheduled_for TIMESTAMPTZ, previous BIGINT, position BIGINT, gtid VARCHAR, queued_at TIMESTAMPTZ NOT NULL, started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ, duration_ms BIGINT,
  outcome VARCHAR, error VARCHAR, versions VARCHAR);
`;

const instant = (time: Date | null): string => (time === null ? 'NULL' : `TIMESTAMPTZ ${literal(time.toISOString())}`);
const day = (partition: string | null): string => (partition === null ? 'NULL' : `DATE ${literal(partition)}`);

export function triggerText({ trigger }: Job): string {
  if ('cron' in trigger) return `cron ${trigger.cron}`;
  if ('afterCommit' in trigger) return 'after commits';
  return 'afterJobs' in trigger ? 'after jobs' : 'on request';
}

/** Brings ops.jobs to the jobs of this code version; positions stay, a new schedule begins now. */
export function declareSql(jobs: readonly Job[], now: Date): string {
  const statements = jobs.map((job) => {
    const texts = [job.description, job.version, job.inputs.join(', '), job.outputs.join(', '), triggerText(job)].map(literal);
    const [description, version, inputs, outputs, trigger] = texts;
    const name = literal(job.name);
    return `INSERT INTO ops.jobs SELECT ${name}, '', '', '', '', '', true, NULL, NULL, ${instant(now)}, 0 WHERE NOT EXISTS (FROM ops.jobs WHERE job = ${name});
UPDATE ops.jobs SET description = ${description}, version = ${version}, inputs = ${inputs}, outputs = ${outputs}, trigger = ${trigger}, declared = true WHERE job = ${name}`;
  });
  return ['UPDATE ops.jobs SET declared = false', ...statements].join(';\n');
}

export interface KnownJob {
  readonly position: number | null;
  readonly servedUntil: Date;
  readonly failures: number;
}

export async function readJobs(connection: DuckDBConnection): Promise<Map<string, KnownJob>> {
  const reader = await connection.runAndReadAll('SELECT job, position, epoch_ms(served_until), failures FROM ops.jobs');
  return new Map(
    reader
      .getRows()
      .map(([job, position, served, failures]) => [
        job as string,
        { position: position === null ? null : Number(position), servedUntil: new Date(Number(served)), failures: Number(failures) },
      ]),
  );
}

/** Runs that wait, and those that the end of the last process broke off: their transaction is undone, so they wait again. */
export async function readQueue(connection: DuckDBConnection): Promise<PlannedRun[]> {
  await connection.run(`UPDATE ops.job_runs SET state = 'queued' WHERE state = 'running'`);
  const reader = await connection.runAndReadAll(
    `SELECT run_id, job, trigger, partition::VARCHAR, epoch_ms(scheduled_for), attempt FROM ops.job_runs WHERE state = 'queued' ORDER BY run_id`,
  );
  return reader.getRows().map(([runId, job, trigger, partition, scheduled, attempt]) => ({
    runId: Number(runId),
    job: job as string,
    trigger: trigger as RunTrigger,
    partition: partition as string | null,
    scheduledFor: scheduled === null ? null : new Date(Number(scheduled)),
    attempt: Number(attempt),
    notBeforeMs: 0,
  }));
}

export async function readLastRunId(connection: DuckDBConnection): Promise<number> {
  const reader = await connection.runAndReadAll('SELECT coalesce(max(run_id), 0) FROM ops.job_runs');
  return Number(reader.getRows()[0]?.[0] ?? 0);
}

export function queueSql(run: PlannedRun, now: Date): string {
  return `INSERT INTO ops.job_runs (run_id, job, trigger, state, attempt, partition, scheduled_for, queued_at) VALUES
(${run.runId}, ${literal(run.job)}, ${literal(run.trigger)}, 'queued', ${run.attempt}, ${day(run.partition)}, ${instant(run.scheduledFor)}, ${instant(now)})`;
}

export function servedSql(job: string, until: Date): string {
  return `UPDATE ops.jobs SET served_until = ${instant(until)} WHERE job = ${literal(job)}`;
}

/** The attempt is counted before it begins: a run that ends the process with it does not do so for ever. */
export function startedSql(run: PlannedRun, now: Date): string {
  return `UPDATE ops.job_runs SET state = 'running', attempt = ${run.attempt + 1}, started_at = ${instant(now)} WHERE run_id = ${run.runId}`;
}

export interface EndedRun {
  readonly run: PlannedRun;
  readonly state: RunState;
  readonly previous: number | null;
  readonly position: InputPosition | null;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly outcome: string | null;
  readonly error: string | null;
  readonly versions: Versions;
}

/** How a run ended, or that it is to be tried again (state queued). `written`: it has a row. */
export function endedSql(ended: EndedRun, written: boolean): string {
  const { run, state, previous, position, startedAt, finishedAt, outcome, error, versions } = ended;
  const values = {
    state: literal(state),
    attempt: String(run.attempt + 1),
    previous: String(previous ?? 'NULL'),
    position: String(position?.commitId ?? 'NULL'),
    gtid: nullable(position?.gtid ?? null),
    started_at: instant(startedAt),
    finished_at: instant(finishedAt),
    duration_ms: String(finishedAt.getTime() - startedAt.getTime()),
    outcome: nullable(outcome),
    error: nullable(error),
    versions: literal(JSON.stringify(versions)),
  };
  if (written) {
    const set = Object.entries(values).map(([name, value]) => `${name} = ${value}`);
    return `UPDATE ops.job_runs SET ${set.join(', ')} WHERE run_id = ${run.runId}`;
  }
  const fixed = { run_id: String(run.runId), job: literal(run.job), trigger: literal(run.trigger), queued_at: instant(startedAt) };
  const all = { ...fixed, ...values };
  return `INSERT INTO ops.job_runs (${Object.keys(all).join(', ')}) VALUES (${Object.values(all).join(', ')})`;
}

export function positionSql(job: string, position: InputPosition): string {
  return `UPDATE ops.jobs SET position = ${position.commitId}, gtid = ${nullable(position.gtid)}, failures = 0 WHERE job = ${literal(job)}`;
}

export function failuresSql(job: string, failures: number): string {
  return `UPDATE ops.jobs SET failures = ${failures} WHERE job = ${literal(job)}`;
}

/** Keeps the newest runs of a job, and every one that has not ended. */
export function pruneSql(job: string, keepMax: number): string {
  return `DELETE FROM ops.job_runs WHERE job = ${literal(job)} AND state IN ('succeeded', 'failed') AND run_id <=
  (SELECT run_id FROM ops.job_runs WHERE job = ${literal(job)} ORDER BY run_id DESC LIMIT 1 OFFSET ${keepMax})`;
}
