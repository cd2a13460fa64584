// What a run found, as statements of the transaction it is kept in: the counts, and an incident per table with a break.

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal, nullable } from '../../../infra/runtime/sql-text.ts';
import { closeIncidentSql, openIncidentSql } from '../../../lake/quality/incidents.ts';
import type { LegCount } from './leg.ts';
import type { SelfReport, SelfScope } from './reconcile.ts';
import { bucketAt, HOUR_MS, sumsText, type Bucket } from './tally.ts';
import { PRUNE_SELF_SQL } from './tables.ts';

/** Hours that a run looks at, at most, besides those with an open break. */
const HOURS_MAX = 24;
const OPEN_HOURS_MAX = 48;

export interface Kept {
  readonly runId: number;
  readonly equal: number;
  readonly different: number;
  readonly unproven: number;
}

/** Hours of a scheduled run: those since the last one, two at least, and those in which the last look at a table found a break. */
export async function dueHours(connection: DuckDBConnection, now: Date): Promise<Bucket[]> {
  const last = await connection.runAndReadAll(`SELECT epoch_ms(max(taken_at)) FROM ops.self_runs WHERE whole`);
  const current = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  const since = Math.floor(Number(last.getRows()[0]?.[0] ?? 0) / HOUR_MS) * HOUR_MS;
  const first = Math.max(current - (HOURS_MAX - 1) * HOUR_MS, Math.min(since, current - HOUR_MS));
  const hours = Array.from({ length: (current - first) / HOUR_MS + 1 }, (_unused, index) => bucketAt(first + index * HOUR_MS));
  const open =
    await connection.runAndReadAll(`SELECT DISTINCT strftime(hour, '%Y-%m-%d %H:00:00') FROM (SELECT hour, status FROM ops.self_counts WHERE hour IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY table_name, hour, leg ORDER BY run_id DESC) = 1) WHERE status = 'different' ORDER BY 1 DESC LIMIT ${OPEN_HOURS_MAX}`);
  return [...new Set([...hours, ...open.getRows().map(([hour]) => hour as string)])].sort();
}

/** In the caller's transaction. */
export async function keepReport(
  connection: DuckDBConnection,
  report: SelfReport,
  { scope, requestedBy }: { readonly scope: SelfScope; readonly requestedBy: string },
): Promise<Kept> {
  const { counts, takenAt, gtid, commitId, goldCommitId, durationMs } = report;
  const of = (status: LegCount['status']): number => counts.filter((count) => count.status === status).length;
  const [equal, different, unproven] = [of('equal'), of('different'), of('unproven')];
  const hours = `[${scope.hours.map(literal).join(', ')}]::VARCHAR[]`;
  const inserted = await connection.runAndReadAll(
    `INSERT INTO ops.self_runs SELECT nextval('ops.self_run_ids'), TIMESTAMPTZ ${literal(takenAt.toISOString())}, ${literal(gtid)}, ${commitId}, ${goldCommitId}, ${hours}, ${scope.whole}, ${literal(requestedBy)},
     ${equal}, ${different}, ${unproven}, ${durationMs} RETURNING run_id`,
  );
  const runId = Number(inserted.getRows()[0]?.[0]);
  if (counts.length > 0)
    await connection.run(`INSERT INTO ops.self_counts VALUES ${counts.map((count) => valuesOf(runId, count)).join(',\n')}`);
  for (const table of new Set(counts.map((count) => count.table)))
    await tell(
      connection,
      counts.filter((count) => count.table === table),
      scope.whole,
    );
  await connection.run(PRUNE_SELF_SQL);
  return { runId, equal, different, unproven };
}

function valuesOf(runId: number, { table, bucket, leg, left, right, status, reason, exempt, named }: LegCount): string {
  const hour = bucket === '' ? 'NULL' : `TIMESTAMP ${literal(bucket)}`;
  const sides = `${left.rows}, ${right.rows}, ${nullable(sumsText(left))}, ${nullable(sumsText(right))}`;
  return `(${runId}, ${literal(table)}, ${hour}, ${literal(leg)}, ${sides}, ${literal(status)}, ${nullable(reason)}, ${literal(JSON.stringify(exempt))}, ${literal(JSON.stringify(named))})`;
}

/** One incident per table, open while its last whole look finds a break. */
async function tell(connection: DuckDBConnection, counts: readonly LegCount[], whole: boolean): Promise<void> {
  const [table, broken] = [counts[0]?.table ?? '', counts.filter(({ status }) => status === 'different')];
  if (broken.length > 0) {
    const words = broken.slice(0, 3).map(breakText);
    await connection.run(
      openIncidentSql({
        ...{ code: 'LF_SELF_BREAK', severity: 'page', subject: table, dimension: 'accuracy', table: `silver.${table}` },
        summary: `${table}: ${words.join('; ')}${broken.length > 3 ? ` and ${broken.length - 3} more` : ''}`,
        detail: 'expected: MySQL, Kafka, bronze, silver and gold hold the same rows and sums; `ledgerflow recon self` shows the counts',
        rows: broken.flatMap(({ leg, bucket, named }) => named.map((key) => JSON.stringify({ leg, hour: bucket, ...key }))).slice(0, 20),
      }),
    );
  } else if (whole && counts.every(({ status }) => status === 'equal')) await connection.run(closeIncidentSql('LF_SELF_BREAK', table));
}

function breakText({ leg, bucket, left, right }: LegCount): string {
  const [one = '', other = ''] = leg.split('_');
  const sums = sumsText(left) === sumsText(right) ? '' : `, sums ${sumsText(left) ?? 'none'} and ${sumsText(right) ?? 'none'}`;
  return `${one} ${left.rows} and ${other} ${right.rows} rows${bucket === '' ? '' : ` of ${bucket.slice(0, 13)}`}${sums}`;
}
