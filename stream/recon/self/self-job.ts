// The hourly reconciliation of the pipeline with itself: made beside the run's transaction, from a barrier of its own, and kept in it.

import { INCIDENTS_DDL } from '../../../lake/quality/incidents.ts';
import type { Job, JobContext, Outcome } from '../../jobs/job.ts';
import { dueHours, keepReport } from './keep.ts';
import { reconcileSelf, type SelfParts, type SelfScope } from './reconcile.ts';
import { SELF_DDL } from './tables.ts';

export const SELF_JOB = 'recon_self';
const TIME_LIMIT_MS = 900_000;

/** What somebody asks for; without it a run is as the schedule's. */
export interface SelfRequest {
  readonly table: string | null;
  /** Null: the hours of a scheduled run. */
  readonly hour: string | null;
  readonly by: string;
}

/** @param asked requests that wait, oldest first; a run takes the first one */
export function selfJob(parts: SelfParts, asked: { take(runId: number): SelfRequest | undefined }): Job {
  return {
    name: SELF_JOB,
    description: 'counts and sums of MySQL, Kafka, bronze, silver and gold by table and hour, at one barrier',
    version: '1',
    inputs: [],
    outputs: ['gold.self_reconciliation'],
    trigger: { cron: '22 * * * *' },
    timeLimitMs: TIME_LIMIT_MS,
    prepareSql: `${INCIDENTS_DDL}${SELF_DDL}`,
    run: (context) => run(context, parts, asked.take(context.runId)),
  };
}

async function run({ connection, now }: JobContext, parts: SelfParts, request: SelfRequest | undefined): Promise<Outcome> {
  const hour = request?.hour ?? null;
  const scope: SelfScope = {
    table: request?.table ?? null,
    hours: hour === null ? await dueHours(connection, now) : [hour],
    whole: hour === null,
  };
  const report = await reconcileSelf(parts, scope);
  const kept = await keepReport(connection, report, { scope, requestedBy: request?.by ?? 'schedule' });
  return { summary: { run: kept.runId, gtid: report.gtid, equal: kept.equal, different: kept.different, unproven: kept.unproven } };
}
