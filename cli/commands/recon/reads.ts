// What reconciliation knows, read through the PostgreSQL endpoint: runs, logs, summaries, breaks.

import type { Command } from 'commander';
import { literal } from '../../../infra/runtime/sql-text.ts';
import { jsonRows } from '../../support/json-rows.ts';
import { printLine } from '../../support/output.ts';
import { wireOf } from '../../support/running.ts';
import { renderTable } from '../../support/table.ts';
import { day, whole } from '../../support/arguments.ts';
import { queryAll } from '../../support/wire-client.ts';

const instant = (column: string): string => `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ')`;
const RUNS = `SELECT r.run_id AS run, r.source, r.business_date AS date, r.attempt, r.stage, r.state, s.external_rows AS external, s.matched_external AS matched, s.breaks, s.expected,
  r.requested_by AS "by", ${instant('r.queued_at')} AS asked_at, r.rule_set AS rules, r.file_name AS file, r.error FROM ops.recon_runs r LEFT JOIN gold.recon_summary s ON s.run_id = r.run_id`;
const SUMMARY = `SELECT run_id AS run, source, business_date AS date, attempt, external_rows AS external, internal_rows AS internal, exact, fuzzy, grouped, breaks, expected, parked, new_breaks AS new,
  resolved_breaks AS resolved, round(match_rate * 100, 2) || ' %' AS matched, reasons, sums FROM gold.recon_summary`;
const LOGS = `SELECT l.run_id AS run, l.seq, l.kind, array_to_string(l.external_ids, ' ') AS external, array_to_string(l.internal_ids, ' ') AS internal, l.tier, round(l.score, 4) AS score, l.components,
  l.reason, l.message FROM ops.recon_log l JOIN ops.recon_runs r ON r.run_id = l.run_id`;
const BREAKS = `SELECT break_id AS "break", source, business_date AS date, reason, state, owner, difference, currency, exposure, age_bucket AS age, CASE WHEN overdue THEN 'late' ELSE '' END AS sla, why
  FROM gold.recon_breaks`;

interface Answer {
  readonly json?: boolean;
}

export async function printRows(sql: string, { json, none }: Answer & { readonly none: string }): Promise<void> {
  const found = await queryAll(wireOf(), sql);
  if (json === true) printLine(jsonRows(found));
  else if (found.rows.length === 0) printLine(none);
  else printLine(renderTable(found.columns, found.rows.map((row) => row.map((cell) => cell ?? '')))); // prettier-ignore
}

/** Entries of a run's log. */
export async function printLogs({ runId, kinds, limit }: { runId: number; kinds: string; limit: number }): Promise<void> {
  const found = await queryAll(wireOf(), `${LOGS} WHERE l.run_id = ${runId} AND ${kinds} ORDER BY l.seq LIMIT ${limit}`);
  if (found.rows.length > 0) printLine(renderTable(found.columns.slice(2), found.rows.map((row) => row.slice(2).map((cell) => cell ?? '')))); // prettier-ignore
}

interface LogOptions extends Answer {
  readonly source?: string;
  readonly date?: string;
  readonly run?: number;
  readonly matched?: 'true' | 'false';
  readonly limit: number;
}

interface BreakOptions extends Answer {
  readonly source?: string;
  readonly state?: string;
  readonly reason?: string;
  readonly all?: boolean;
  readonly late?: boolean;
  readonly limit: number;
}

export function registerReads(recon: Command): void {
  recon
    .command('status')
    .description('List the runs of a day, or the last ones.')
    .argument('[day]', 'business date, YYYY-MM-DD', day)
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow recon status 2025-07-13')
    .action(
      (date: string | undefined, options: Answer) =>
      printRows(`${RUNS}${date === undefined ? '' : ` WHERE r.business_date = DATE ${literal(date)}`} ORDER BY r.run_id DESC LIMIT 50`, { ...options, none: 'no runs' }), // prettier-ignore
    );
  recon
    .command('summary')
    .description('Show what each run of a day came to.')
    .argument('<day>', 'business date, YYYY-MM-DD', day)
    .option('--source <name>', 'of this source only')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow recon summary 2025-07-13')
    .action(
      (date: string, { source, ...options }: Answer & { source?: string }) =>
      printRows(`${SUMMARY} WHERE business_date = DATE ${literal(date)}${also('source', source)} ORDER BY run_id DESC`, { ...options, none: 'no run of this day has ended' }), // prettier-ignore
    );
  recon
    .command('logs')
    .description("Print runs' logs: every match with score and components, every other row with its reason.")
    .option('--source <name>', 'of this source only')
    .option('--date <day>', 'of this business date', day)
    .option('--run <n>', 'of this run', whole)
    .option('--matched <true|false>', 'matched rows only, or the others only')
    .option('--limit <n>', 'at most this many', whole, 200)
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow recon logs --source bank_csv --date 2025-07-13 --matched false')
    .action(logs);
  recon
    .command('breaks')
    .description('List open breaks, the largest first.')
    .option('--source <name>', 'of this source only')
    .option('--state <state>', 'in this state')
    .option('--reason <reason>', 'with this reason')
    .option('--late', 'past their time only')
    .option('--all', 'resolved ones too')
    .option('--limit <n>', 'at most this many', whole, 50)
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow recon breaks --source bank_csv --late')
    .action(breaks);
}

const also = (column: string, value: string | undefined): string => (value === undefined ? '' : ` AND ${column} = ${literal(value)}`);

async function logs({ source, date, run, matched, limit, ...options }: LogOptions): Promise<void> {
  const only = `${also('r.source', source)}${also('CAST(r.business_date AS VARCHAR)', date)}${run === undefined ? '' : ` AND l.run_id = ${run}`}`;
  const side = matched === undefined ? '' : ` AND l.matched = ${matched === 'true'}`;
  await printRows(`${LOGS} WHERE true${only}${side} ORDER BY l.run_id, l.seq LIMIT ${limit}`, { ...options, none: 'no entries' });
}

async function breaks({ source, state, reason, all, late, limit, ...options }: BreakOptions): Promise<void> {
  const open = all === true || state !== undefined ? '' : ` AND state <> 'resolved'`;
  const only = `${also('source', source)}${also('state', state)}${also('reason', reason)}${late === true ? ' AND overdue' : ''}`;
  await printRows(`${BREAKS} WHERE true${open}${only} ORDER BY exposure DESC, break_id LIMIT ${limit}`, {
    ...options,
    none: 'no open breaks',
  });
}
