// The hourly reconciliation of the pipeline with itself: read from a barrier of its own while other jobs run, and kept in the run's
// transaction.

import type { DuckDBConnection } from '@duckdb/node-api';
import { INCIDENTS_DDL } from '../../../lake/quality/incidents.ts';
import type { BesideContext, Job } from '../../jobs/job.ts';
import { dueHours, keepReport } from './keep.ts';
import { reconcileSelf, type SelfParts, type SelfReport, type SelfScope } from './reconcile.ts';
import { SELF_DDL } from './tables.ts';
import type { Bucket } from './tally.ts';

export const SELF_JOB = 'recon_self';
const TIME_LIMIT_MS = 900_000;

export interface SelfJobParts extends SelfParts {
  /** A connection to the store for the caller alone, who closes it. */
  readonly connect: () => Promise<DuckDBConnection>;
}

/** What somebody asks for; without it a run is as the schedule's. */
export interface SelfRequest {
  readonly table: string | null;
  /** Null: the hours of a scheduled run. */
  readonly hour: string | null;
  readonly by: string;
}

/** What was read for a run that has yet to keep it. */
interface Found {
  readonly report: SelfReport;
  readonly scope: SelfScope;
  readonly requestedBy: string;
}

/** @param asked what people asked for, by the run that was written down for it; without an entry a run is as the schedule's */
export function selfJob(parts: SelfJobParts, asked: { get(runId: number): SelfRequest | undefined }): Job {
  const found = new Map<number, Found>();
  return {
    name: SELF_JOB,
    description: 'counts and sums of MySQL, Kafka, bronze, silver and gold by table and hour, at one barrier',
    version: '1',
    inputs: [],
    outputs: ['gold.self_reconciliation'],
    trigger: { cron: '22 * * * *' },
    timeLimitMs: TIME_LIMIT_MS,
    prepareSql: `${INCIDENTS_DDL}${SELF_DDL}`,
    beside: async (context) => void found.set(context.runId, await read(context, parts, asked.get(context.runId))),
    run: async ({ connection, runId }) => {
      const { report, scope, requestedBy } = found.get(runId)!; // read for this run
      found.delete(runId);
      const kept = await keepReport(connection, report, { scope, requestedBy });
      return { summary: { run: kept.runId, gtid: report.gtid, equal: kept.equal, different: kept.different, unproven: kept.unproven } };
    },
  };
}

async function read({ now, signal }: BesideContext, parts: SelfJobParts, request: SelfRequest | undefined): Promise<Found> {
  const hour = request?.hour ?? null;
  const scope: SelfScope = {
    table: request?.table ?? null,
    hours: hour === null ? await hoursDue(parts, now) : [hour],
    whole: hour === null,
  };
  return { report: await reconcileSelf(parts, scope, signal), scope, requestedBy: request?.by ?? 'schedule' };
}

async function hoursDue({ connect }: SelfJobParts, now: Date): Promise<Bucket[]> {
  const connection = await connect();
  try {
    return await dueHours(connection, now);
  } finally {
    connection.closeSync();
  }
}
