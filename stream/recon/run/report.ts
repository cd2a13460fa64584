// What a run came to, as JSON: for the control door and the HTTP API.

import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { literal } from '../../../infra/runtime/sql-text.ts';
import type { ReconDesk } from './desk.ts';

export type Json = Readonly<Record<string, unknown>>;

const STATUS = `SELECT r.run_id, r.source, r.business_date, r.attempt, r.stage, r.state, r.trigger, r.requested_by, r.file_name, r.file_sha256, r.rule_set, r.commit_id, r.gtid,
  r.queued_at AT TIME ZONE 'UTC' AS queued_at, r.started_at AT TIME ZONE 'UTC' AS started_at, r.finished_at AT TIME ZONE 'UTC' AS finished_at, r.code, r.error, r.log_entries, r.chain_head
  FROM ops.recon_runs r`;
const SUMMARY = 'SELECT * FROM gold.recon_summary';
const LOG = `SELECT l.run_id, r.source, r.business_date, l.seq, l.logged_at AT TIME ZONE 'UTC' AS logged_at, l.kind, l.matched, l.external_ids, l.internal_ids, l.tier, l.score, l.components, l.reason, l.message, l.hash
  FROM ops.recon_log l JOIN ops.recon_runs r ON r.run_id = l.run_id`;
/** Columns whose text is JSON. */
const PARSED = new Set(['components', 'sums', 'reasons']);

/** Rows as objects; what is JSON text in the store is JSON here. */
export async function jsonRows(desk: ReconDesk, sql: string): Promise<Json[]> {
  const rows = await desk.query(`SELECT CAST(to_json(x) AS VARCHAR) FROM (${sql}) x`);
  return rows.map(([text]) =>
    Object.fromEntries(
      Object.entries(JSON.parse(text as string) as Json).map(([name, value]) => [
        name,
        PARSED.has(name) && typeof value === 'string' ? (JSON.parse(value) as unknown) : value,
      ]),
    ),
  );
}

/** One run with its summary and its matches that are not exact. @throws LedgerflowError LF_RECON_UNKNOWN */
export async function runReport(desk: ReconDesk, runId: number): Promise<Json> {
  const [run] = await jsonRows(desk, `${STATUS} WHERE r.run_id = ${runId}`);
  if (run === undefined) throw new LedgerflowError('LF_RECON_UNKNOWN', `there is no run ${runId}`);
  const [summary = null] = await jsonRows(desk, `${SUMMARY} WHERE run_id = ${runId}`);
  const continuity = await jsonRows(
    desk,
    `SELECT * FROM gold.recon_continuity WHERE run_id = ${runId} OR before_run = ${runId} ORDER BY business_date`,
  );
  return { ...run, summary, continuity };
}

export interface LogFilter {
  readonly source?: string | undefined;
  readonly date?: string | undefined;
  readonly runId?: number | undefined;
  readonly matched?: boolean | undefined;
  readonly after?: number | undefined;
  readonly limit: number;
}

/** The runs of a day, newest first. */
export async function statusOf(desk: ReconDesk, date: string, source?: string): Promise<Json[]> {
  return await jsonRows(desk, `${STATUS} WHERE r.business_date = DATE ${literal(date)}${bySource(source)} ORDER BY r.run_id DESC`);
}

/** Summaries of a day's runs, newest first. */
export async function summariesOf(desk: ReconDesk, date: string, source?: string): Promise<Json[]> {
  const only = source === undefined ? '' : ` AND source = ${literal(source)}`;
  return await jsonRows(desk, `${SUMMARY} WHERE business_date = DATE ${literal(date)}${only} ORDER BY run_id DESC`);
}

/** Entries of the logs, in order. */
export async function logsOf(desk: ReconDesk, { source, date, runId, matched, after, limit }: LogFilter): Promise<Json[]> {
  const conditions = [
    ...(source === undefined ? [] : [`r.source = ${literal(source)}`]),
    ...(date === undefined ? [] : [`r.business_date = DATE ${literal(date)}`]),
    ...(runId === undefined ? [] : [`l.run_id = ${runId}`]),
    ...(matched === undefined ? [] : [`l.matched = ${matched}`]),
    ...(after === undefined ? [] : [`l.seq > ${after}`]),
  ];
  return await jsonRows(desk, `${LOG} WHERE ${['true', ...conditions].join(' AND ')} ORDER BY l.run_id, l.seq LIMIT ${limit}`);
}

export interface BreakFilter {
  readonly source?: string | undefined;
  readonly state?: string | undefined;
  readonly reason?: string | undefined;
  readonly limit: number;
}

/** Breaks, the largest first; without a state the open ones. */
export async function breaksOf(desk: ReconDesk, { source, state, reason, limit }: BreakFilter): Promise<Json[]> {
  const conditions = [
    state === undefined ? `state <> 'resolved'` : `state = ${literal(state)}`,
    ...(source === undefined ? [] : [`source = ${literal(source)}`]),
    ...(reason === undefined ? [] : [`reason = ${literal(reason)}`]),
  ];
  return await jsonRows(
    desk,
    `SELECT * FROM gold.recon_breaks WHERE ${conditions.join(' AND ')} ORDER BY exposure DESC, break_id LIMIT ${limit}`,
  );
}

function bySource(source: string | undefined): string {
  return source === undefined ? '' : ` AND r.source = ${literal(source)}`;
}
