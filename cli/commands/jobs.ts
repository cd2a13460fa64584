// `ledgerflow jobs`: work beside the stream: what there is, what ran, run it now, run it for days that have passed.

import type { Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../../infra/runtime/config.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { EXIT } from '../exit-codes.ts';
import { callControl } from '../../infra/runtime/control-client.ts';
import { jsonRows } from '../support/json-rows.ts';
import { whole } from '../support/arguments.ts';
import { printJson, printLine } from '../support/output.ts';
import { wireOf } from '../support/running.ts';
import { renderTable } from '../support/table.ts';
import { queryAll } from '../support/wire-client.ts';

const HELP = `
A job is run after commits that changed its inputs, or on a schedule (UTC). Its output and the position it has reached are one
transaction; a failed run is tried again with back-off; what passed while nothing ran is caught up.

Examples:
  $ ledgerflow jobs
  $ ledgerflow jobs history --job quality
  $ ledgerflow jobs run quality
  $ ledgerflow jobs backfill slo --from 2026-11-01 --to 2026-11-20`;

const RUN_HELP = `
Exit code: 0 when it succeeded, ${EXIT.FAILED} when it failed after all its attempts.

Example:
  $ ledgerflow jobs run quality --json`;

const runsSchema = z.object({
  runs: z.array(
    z.object({
      runId: z.number(),
      state: z.string(),
      durationMs: z.number().nullable(),
      error: z.string().nullable(),
      day: z.string().nullable(),
    }),
  ),
});

const LIST_SQL = `SELECT j.job, j.trigger, j.position, s.commit_id - j.position AS behind, r.state AS last_run,
  strftime(r.finished_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS finished_at, r.duration_ms, r.outcome, r.error, j.inputs, j.description
FROM ops.jobs j CROSS JOIN ops.state s LEFT JOIN (SELECT * FROM ops.job_runs QUALIFY row_number() OVER (PARTITION BY job ORDER BY run_id DESC) = 1) r ON r.job = j.job
WHERE j.declared ORDER BY j.job`;
const LISTED = ['job', 'trigger', 'position', 'behind', 'last_run', 'finished_at', 'duration_ms'];

interface Answer {
  readonly json?: boolean;
}
interface HistoryOptions extends Answer {
  readonly job?: string;
  readonly limit: number;
}
interface RunOptions extends Answer {
  readonly wait: boolean;
}

export function register(program: Command): void {
  const jobs = program
    .command('jobs')
    .description('List and run the jobs beside the stream: data quality, objectives.')
    .addHelpText('after', HELP);
  jobs
    .command('list', { isDefault: true })
    .description('List the jobs with their trigger, position and last run.')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow jobs list --json')
    .action((options: Answer) => show(LIST_SQL, { ...options, columns: LISTED }));
  jobs
    .command('history')
    .description('List the last runs, newest first, with input position, outcome and duration.')
    .option('--job <name>', 'of this job only')
    .option('--limit <n>', 'at most this many', whole, 50)
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow jobs history --job quality --limit 5')
    .action((options: HistoryOptions) => show(historySql(options), options));
  jobs
    .command('run')
    .description('Run a job now and wait for its end.')
    .argument('<job>', 'name of the job')
    .option('--no-wait', 'return at once')
    .option('--json', 'print one JSON object')
    .addHelpText('after', RUN_HELP)
    .action((job: string, { wait, json }: RunOptions) => send('jobs/run', { job, wait }, json === true));
  jobs
    .command('backfill')
    .description('Run a job that works by day for every day of a range.')
    .argument('<job>', 'name of the job')
    .requiredOption('--from <day>', 'first day, YYYY-MM-DD')
    .requiredOption('--to <day>', 'last day, YYYY-MM-DD')
    .option('--no-wait', 'return at once; the runs are kept over a restart')
    .option('--json', 'print one JSON object')
    .addHelpText('after', RUN_HELP.replace('jobs run quality', 'jobs backfill slo --from 2026-11-01 --to 2026-11-20'))
    .action((job: string, { wait, json, from, to }: RunOptions & { from: string; to: string }) =>
      send('jobs/backfill', { job, from, to, wait }, json === true),
    );
}

function historySql({ job, limit: rows }: HistoryOptions): string {
  const time = (column: string): string => `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS ${column}`;
  return `SELECT run_id AS run, job, trigger, state, attempt, partition AS "day", previous, position, ${time('started_at')}, duration_ms, outcome, error, gtid, versions
FROM ops.job_runs ${job === undefined ? '' : `WHERE job = ${literal(job)}`} ORDER BY run_id DESC LIMIT ${rows}`;
}

async function show(sql: string, { json, columns: shown }: Answer & { readonly columns?: readonly string[] }): Promise<void> {
  const { columns, rows } = await queryAll(wireOf(), sql);
  if (json === true) {
    printLine(jsonRows({ columns, rows }));
    return;
  }
  const chosen = columns.flatMap(({ name }, index) => (shown === undefined || shown.includes(name) ? [index] : []));
  const heads = chosen.map((index) => ({ name: columns[index]?.name ?? '' }));
  printLine(renderTable(heads, rows.map((row) => chosen.map((index) => row[index] ?? '')))); // prettier-ignore
}

async function send(command: string, body: object, json: boolean): Promise<void> {
  const { runs } = runsSchema.parse(await callControl(loadConfig().home, command, body));
  if (json) printJson({ runs });
  else
    for (const { runId, state, day, durationMs, error } of runs) {
      const facts = [day, durationMs === null ? null : `${durationMs} ms`, error].filter((fact) => fact !== null);
      printLine(`run ${runId}: ${state}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`);
    }
  if (runs.some(({ state }) => state === 'failed')) process.exitCode = EXIT.FAILED;
}
