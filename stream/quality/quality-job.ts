// The jobs of data quality: the checks of one cadence each, with results, incidents and faults against validity in the run's transaction.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Cadence, QualityCheck } from '../../lake/quality/check-file.ts';
import { relationsOf } from '../../lake/quality/check-file.ts';
import { evaluate, readRelations } from '../../lake/quality/evaluate.ts';
import { closeIncidentSql, openIncidentSql } from '../../lake/quality/incidents.ts';
import {
  LAST_RESULTS_SQL,
  PRUNE_RESULTS_SQL,
  QUALITY_DDL,
  resultSql,
  type CheckStatus,
  type QualityResult,
} from '../../lake/quality/results.ts';
import { faultSql, SLO_DDL } from '../../lake/quality/slo.ts';
import { readSchemas } from '../../lake/store/state.ts';
import { ident } from '../../infra/runtime/sql-text.ts';
import { SELF_DDL } from '../recon/self/tables.ts';
import type { Job, JobContext, Outcome, Trigger } from '../jobs/job.ts';

const TRIGGERS: Readonly<Record<Cadence, Trigger>> = {
  commits: { afterCommit: true, minIntervalMs: 2_000 },
  minutes: { cron: '*/5 * * * *' },
  hourly: { cron: '17 * * * *' },
  daily: { cron: '43 3 * * *' },
};
/** An unchanged result is written again after this time. */
const RENEW_MS = 60_000;
const TIME_LIMIT_MS = 120_000;

interface LastResult {
  readonly status: CheckStatus;
  readonly atMs: number;
}

/** One job per cadence that has checks: quality_commits, quality_minutes, quality_hourly, quality_daily. */
export function qualityJobs(checks: readonly QualityCheck[]): Job[] {
  return (Object.keys(TRIGGERS) as Cadence[]).flatMap((cadence) => {
    const own = checks.filter(({ header }) => header.run === cadence);
    return own.length === 0 ? [] : [qualityJob(cadence, own)];
  });
}

function qualityJob(cadence: Cadence, checks: readonly QualityCheck[]): Job {
  const words = cadence === 'commits' ? 'after commits that touched their tables' : cadence === 'minutes' ? 'every five minutes' : cadence;
  return {
    name: `quality_${cadence}`,
    description: `${checks.length} data-quality checks, ${words}`,
    version: '1',
    inputs: [...new Set(checks.flatMap(relationsOf))],
    outputs: [], // ops.dq_results and ops.incidents are shared: the rows of a check are its job's
    optionalInputs: true,
    trigger: TRIGGERS[cadence],
    timeLimitMs: TIME_LIMIT_MS,
    prepareSql: `${QUALITY_DDL}${SLO_DDL}${SELF_DDL}`,
    run: (context) => runChecks(context, checks),
  };
}

async function runChecks(context: JobContext, checks: readonly QualityCheck[]): Promise<Outcome> {
  const { connection, previous, position, runId, log } = context;
  const [relations, last] = [await readRelations(connection), await readLast(connection)];
  const place = { connection, now: () => new Date(), relations, changed: await changedRows(context), versions: versionsOf(context) };
  const results: QualityResult[] = [];
  for (const check of checks) {
    if (context.signal.aborted) break;
    results.push(await evaluate(check, place, previous === null || last.get(check.header.check)?.status !== 'passed'));
  }
  const due = results.filter((result) => isNews(result, last.get(result.check.header.check)));
  for (const result of due) {
    await connection.run(resultSql(result, { runId, commitId: position.commitId, gtid: position.gtid }));
    await connection.run(incidentSql(result));
    const { check, status, violations } = result;
    if (status !== 'passed') log.warn({ check: check.header.check, status, violations }, 'a data-quality check does not pass');
  }
  for (const result of results) await noteFault(context, result);
  if (due.length > 0) await connection.run(PRUNE_RESULTS_SQL);
  const count = (status: CheckStatus): number => results.filter((result) => result.status === status).length;
  return { summary: { passed: count('passed'), failed: count('failed'), errors: count('error'), skipped: count('skipped') } };
}

async function readLast(connection: DuckDBConnection): Promise<Map<string, LastResult>> {
  const rows = (await connection.runAndReadAll(LAST_RESULTS_SQL)).getRows();
  return new Map(rows.map(([name, status, at]) => [name as string, { status: status as CheckStatus, atMs: Number(at) }]));
}

function isNews(result: QualityResult, before: LastResult | undefined): boolean {
  return before?.status !== result.status || result.status === 'failed' || result.startedAt.getTime() - before.atMs >= RENEW_MS;
}

/** Live rows among those that the run's commits wrote: the newest version of each key, unless it is a delete. */
async function changedRows({ connection, previous, changes }: JobContext): Promise<((table: string) => string | null) | null> {
  if (previous === null) return null;
  const schemas = await readSchemas(connection);
  return (relation) => {
    const table = relation.slice('silver.'.length);
    const key = schemas.get(table)?.keyColumns ?? [];
    if (key.length === 0) return null;
    const newest = `QUALIFY row_number() OVER (PARTITION BY ${key.map(ident).join(', ')} ORDER BY _pos DESC) = 1`;
    return `(SELECT * EXCLUDE (_op, _pos, _commit, _ts) FROM (SELECT * FROM ${changes(table)} ${newest}) WHERE _op <> 'd')`;
  };
}

/** Versions among them, whole commits. */
function versionsOf({ previous, changes }: JobContext): ((relation: string) => string) | null {
  return previous === null ? null : (relation) => changes(relation.slice('silver.'.length));
}

function incidentSql({ check, status, violations, rows, error }: QualityResult): string {
  const { header } = check;
  if (status === 'passed' || status === 'skipped') return closeIncidentSql('LF_CHECK_FAILED', header.check);
  const summary =
    status === 'error'
      ? `the check ${header.check} cannot be run: ${error ?? ''}`
      : `${header.check}: ${violations} violating rows in ${header.table}`;
  return openIncidentSql({
    ...{ code: 'LF_CHECK_FAILED', severity: header.severity, subject: header.check, summary, rows },
    detail: `expected: ${header.expected}`,
    ...{ dimension: header.dimension, table: header.table },
  });
}

/** New violating rows of a check that judges rows are bad rows of the minute. A full form finds old ones again: they were counted before. */
async function noteFault({ connection, now, position }: JobContext, result: QualityResult): Promise<void> {
  const { check, form, status, violations: bad, amount: badAmount } = result;
  if (status !== 'failed' || form !== 'changed' || check.header.dimension !== 'validity') return;
  const table = check.header.table.slice('silver.'.length);
  await connection.run(faultSql({ table, minute: now, bad, badAmount, commitId: position.commitId }));
}
