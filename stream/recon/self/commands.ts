// The control command of the pipeline's reconciliation of itself: POST /control/recon/self. It runs the job and answers what it kept.

import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import { controlCommand, type ControlCommand } from '../../../infra/runtime/control.ts';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { literal } from '../../../infra/runtime/sql-text.ts';
import type { JobRunner } from '../../jobs/runner.ts';
import { SELF_JOB, type SelfRequest } from './self-job.ts';

export const selfRequestSchema = z.strictObject({
  table: z.string().min(1).max(64).nullable(),
  /** `YYYY-MM-DD HH:00:00`, UTC. */
  hour: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d \d\d:00:00$/)
    .nullable(),
  by: z.string().min(1).max(200),
});

export interface SelfCommandParts {
  readonly runner: Pick<JobRunner, 'ask' | 'result'>;
  /** What people asked for, by the run of the job that was written down for it; lost with the process, its run is then as the schedule's. */
  readonly requests: Map<number, SelfRequest>;
  readonly connect: () => Promise<DuckDBConnection>;
}

export function selfCommands({ runner, requests, connect }: SelfCommandParts): ControlCommand[] {
  return [
    controlCommand('recon/self', selfRequestSchema, async (request) => {
      await requireTable(connect, request.table);
      const [runId = 0] = await runner.ask(SELF_JOB, [null], 'manual');
      requests.set(runId, request);
      const { state, error } = await runner.result(runId).finally(() => requests.delete(runId));
      if (state === 'failed') throw new LedgerflowError('LF_RECON_FAILED', error ?? 'the run failed');
      const [row] = await rowsOf(connect, `SELECT json_extract_string(outcome, '$.run') FROM ops.job_runs WHERE run_id = ${runId}`);
      return { run: Number(row?.[0]) };
    }),
  ];
}

async function requireTable(connect: SelfCommandParts['connect'], table: string | null): Promise<void> {
  if (table === null) return;
  const found = await rowsOf(connect, `SELECT 1 FROM ops.table_schemas WHERE table_name = ${literal(table)} LIMIT 1`);
  if (found.length === 0) throw new LedgerflowError('LF_USAGE', `there is no captured table ${table}`);
}

async function rowsOf(connect: SelfCommandParts['connect'], sql: string): Promise<unknown[][]> {
  const connection = await connect();
  try {
    return (await connection.runAndReadAll(sql)).getRows();
  } finally {
    connection.closeSync();
  }
}
