// The job of reconciliation: each of its runs takes the oldest unfinished recon run through one stage, in one transaction. A kill leaves
// the run at the stage it had reached; what refuses a statement is written down, anything else is tried again by the runner.

import { DateTime } from 'luxon';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import type { ErrorCode } from '../../../infra/runtime/error-codes.ts';
import { literal, nullable } from '../../../infra/runtime/sql-text.ts';
import { INCIDENTS_DDL, openIncidentSql } from '../../../lake/quality/incidents.ts';
import type { Job, JobContext, Outcome } from '../../jobs/job.ts';
import { dropIfEmpty } from './position.ts';
import { queueRunSql } from './queue.ts';
import type { Sources } from './source.ts';
import { nextRun, rowsOf, type ReadStatement, type Run } from './stage.ts';
import { STAGE_WORK } from './stages.ts';
import { RECON_DDL, STAGES } from './tables.ts';

export const RECON_JOB = 'recon';
const TIME_LIMIT_MS = 600_000;
/** The runner gives up after five attempts: the last one is used to say so. */
const ATTEMPTS = 4;

export interface ReconJobParts {
  readonly sources: Sources;
  readonly read: ReadStatement;
  /** After each stage: more may wait. */
  readonly onStage: () => void;
}

export function reconJob(parts: ReconJobParts): Job {
  return {
    name: RECON_JOB,
    description: 'reconciles external statements with the ledger, a stage at a time',
    version: '1',
    inputs: ['silver.transactions', 'silver.ledger_entries'],
    outputs: ['gold.recon_summary', 'gold.recon_breaks'],
    trigger: { cron: '7 * * * *', catchUp: 'each' }, // every source has its own hour
    timeLimitMs: TIME_LIMIT_MS,
    prepareSql: `${INCIDENTS_DDL}${RECON_DDL}`,
    run: (context) => runStage(context, parts),
  };
}

async function runStage(context: JobContext, parts: ReconJobParts): Promise<Outcome> {
  const { connection, scheduledFor } = context;
  if (scheduledFor !== null) await queueScheduled(context, parts.sources, scheduledFor);
  const run = await nextRun(connection);
  if (run === null) return { summary: { runs: 0 }, unchanged: true };
  const { runId, source, date, stage } = run;
  const done = context.attempt > ATTEMPTS ? await giveUp(context, run) : await attemptStage(context, run, parts);
  return { summary: { run: runId, source: source.name, date, stage, ...done }, committed: parts.onStage };
}

async function queueScheduled({ connection, now }: JobContext, sources: Sources, scheduledFor: Date): Promise<void> {
  for (const name of sources.names()) {
    const source = sources.get(name);
    const local = DateTime.fromJSDate(scheduledFor, { zone: source.timezone });
    const date = local.minus({ days: 1 }).toFormat('yyyy-MM-dd');
    if (local.hour === source.scheduleHour)
      await connection.run(queueRunSql({ source, date, requestedBy: 'schedule', trigger: 'schedule', filePath: null, fileName: null, internalPath: null }, now)); // prettier-ignore
  }
}

async function attemptStage(context: JobContext, run: Run, { read }: ReconJobParts): Promise<{ state: string }> {
  const { connection, position, now, signal } = context;
  const at = `TIMESTAMPTZ ${literal(now.toISOString())}`;
  try {
    await STAGE_WORK[run.stage]({ connection, run, position, now, signal, read });
  } catch (error) {
    if (!(error instanceof LedgerflowError) || signal.aborted) throw error;
    const told = error.code.startsWith('LF_STATEMENT'); // somebody has to act, however often it is tried
    if (!told && (error.kind === 'retryable' || error.kind === 'aborted')) throw error;
    return await end(context, run, { state: run.stage === 'load' ? 'refused' : 'failed', code: error.code, error });
  }
  if (await dropIfEmpty(connection, run)) return { state: 'empty' };
  const next = STAGES[STAGES.indexOf(run.stage) + 1];
  if (next === undefined) return { state: 'succeeded' };
  const taken = run.stage === 'load' ? `, commit_id = ${position.commitId}, gtid = ${nullable(position.gtid)}, started_at = ${at}` : '';
  await connection.run(`UPDATE ops.recon_runs SET stage = '${next}', state = 'running'${taken} WHERE run_id = ${run.runId}`);
  return { state: 'running' };
}

interface Ended {
  readonly state: 'refused' | 'failed';
  readonly code: ErrorCode;
  readonly error: unknown;
}

/** The run has ended without a result, and somebody has to know. */
async function end({ connection, now }: JobContext, run: Run, { state, code, error }: Ended): Promise<{ state: string }> {
  const where = error instanceof LedgerflowError && error.where !== undefined ? ` (${error.where})` : '';
  const text = `${messageOf(error)}${where}`;
  await connection.run(`UPDATE ops.recon_runs SET state = '${state}', code = '${code}', error = ${literal(text)}, finished_at = TIMESTAMPTZ ${literal(now.toISOString())} WHERE run_id = ${run.runId};
    ${openIncidentSql({
      ...{ code: 'LF_RECON_REFUSED', severity: 'page', subject: run.source.name, rows: [], dimension: null, table: null },
      summary: `${run.source.name} ${run.date}: ${state}: ${text}`,
      detail: 'expected: the statement is read, ties, and is compared; a corrected file is run as the next attempt',
    })}`);
  return { state };
}

async function giveUp(context: JobContext, run: Run): Promise<{ state: string }> {
  const [row] = await rowsOf(context.connection, `SELECT error FROM ops.job_runs WHERE run_id = ${context.runId}`);
  const error = new LedgerflowError('LF_RECON_FAILED', `${ATTEMPTS} attempts failed: ${(row?.[0] as string | null) ?? 'unknown'}`);
  return await end(context, run, { state: 'failed', code: 'LF_RECON_FAILED', error });
}
