// `ledgerflow schema`: schema changes that wait for approval, what they affect, and the history of every table's shape.

import type { Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../../infra/runtime/config.ts';
import { callControl } from '../../infra/runtime/control-client.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { jsonObject, jsonRows } from '../support/json-rows.ts';
import { whole } from '../support/arguments.ts';
import { printJson, printLine, printNote } from '../support/output.ts';
import { whoAmI, wireOf } from '../support/running.ts';
import { renderPairs, renderTable } from '../support/table.ts';
import { queryAll, type Result } from '../support/wire-client.ts';

const HELP = `
safe: applied at once. lossy: values go from silver. breaking: models of gold read what goes or changes. LEDGERFLOW_SCHEMA_APPROVAL says
which wait (docs/guards.md). The number is the transaction's.

Examples:
  $ ledgerflow schema
  $ ledgerflow schema diff 4711
  $ ledgerflow schema approve 4711 --reason "release 7 of the bank"
  $ ledgerflow schema history accounts`;

const utc = (column: string, name: string): string => `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS ${name}`;
const names = (column: string): string => `array_to_string(${column}, ', ') AS ${column}`;
const LIST = `seq AS number, state, class, ${names('tables')}, what, ${names('dashboards')}, ${utc('found_at', 'since')}`;
const WHOLE = `seq AS number, state, class, ${names('tables')}, what, ddl, ${names('models')}, ${names('dashboards')}, gtid, ${utc('found_at', 'since')}, ${utc('decided_at', 'decided')}, decided_by, note`;

interface Options {
  readonly all?: boolean;
  readonly json?: boolean;
  readonly reason: string;
}

export function register(program: Command): void {
  const schema = program
    .command('schema')
    .description('List, look into, approve and reject schema changes that wait.')
    .addHelpText('after', HELP);
  schema
    .command('list', { isDefault: true })
    .description('List schema changes that are not decided, oldest first.')
    .option('--all', 'decided ones too')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow schema list --all')
    .action(list);
  schema
    .command('diff')
    .description('Show one schema change: statement, effects, affected models and dashboards.')
    .argument('<number>', 'number of the transaction', whole)
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  $ ledgerflow schema diff 4711')
    .action(diff);
  for (const [name, text, example] of [
    ['approve', 'Apply a schema change.', 'approve 4711'],
    [
      'reject',
      'Keep shape and rows: the tables are held from the statement on, everything else goes on.',
      'reject 4711 --reason "not agreed"',
    ],
  ] as const)
    schema
      .command(name)
      .description(text)
      .argument('<number>', 'number of the transaction', whole)
      .option('--reason <text>', 'why; kept with your name and the time', '')
      .option('--json', 'print one JSON object')
      .addHelpText('after', `\nExample:\n  $ ledgerflow schema ${example}`)
      .action((seq: number, options: Options) => decide(name, seq, options));
  schema
    .command('history')
    .description('List the statements that made each shape, newest last.')
    .argument('[table]', 'of this table only')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow schema history accounts')
    .action(history);
}

function show({ columns, rows }: Result, none: string, json: boolean | undefined): void {
  if (json === true) printLine(jsonRows({ columns, rows }));
  else if (rows.length === 0) printLine(none);
  else printLine(renderTable(columns, rows.map((row) => row.map((cell) => cell ?? '')))); // prettier-ignore
}

async function list({ all, json }: Options): Promise<void> {
  const open = all === true ? '' : `AND state IN ('waiting', 'held')`;
  show(
    await queryAll(wireOf(), `SELECT ${LIST} FROM ops.guarded_changes WHERE kind = 'ddl' ${open} ORDER BY seq`),
    'no schema change waits',
    json,
  );
}

async function diff(seq: number, { json }: Options): Promise<void> {
  const { columns, rows } = await queryAll(wireOf(), `SELECT ${WHOLE} FROM ops.guarded_changes WHERE kind = 'ddl' AND seq = ${seq}`);
  const [row] = rows;
  if (row === undefined) throw new LedgerflowError('LF_GUARD_UNKNOWN', `no schema change ${seq} was asked about`);
  if (json === true) printLine(jsonObject(columns, row));
  else printLine(renderPairs(columns.flatMap(({ name }, i): [string, string][] => ((row[i] ?? '') === '' ? [] : [[name, row[i] ?? '']])))); // prettier-ignore
}

async function history(table: string | undefined, { json }: Options): Promise<void> {
  const where = table === undefined ? '' : `AND s.table_name = ${literal(table)}`;
  const sql = `SELECT s.table_name AS "table", s.version, s.seq AS number, s.held, len(json_extract(s.schema_json, '$.columns[*].name')) AS columns,
    g.state AS decision, g.decided_by, s.ddl FROM ops.table_schemas s LEFT JOIN ops.guarded_changes g ON g.seq = s.seq AND g.kind = 'ddl'
    WHERE NOT ends_with(s.table_name, '@next') ${where} ORDER BY s.table_name, s.version`;
  show(await queryAll(wireOf(), sql), 'no such table', json);
}

const decidedSchema = z.object({
  seq: z.number(),
  state: z.string(),
  resnapshot: z.array(z.string()).default([]),
  tables: z.array(z.string()).default([]),
});

async function decide(name: 'approve' | 'reject', seq: number, { reason, json }: Options): Promise<void> {
  const by = whoAmI();
  const answer = decidedSchema.parse(await callControl(loadConfig().home, `guard/${name}`, { seq, by, note: reason }));
  if (json === true) printJson(answer);
  else printLine(`schema change ${seq} is ${answer.state}`);
  for (const table of answer.resnapshot) printNote(`${table} is held still: run \`ledgerflow connector resnapshot ${table}\``);
  for (const table of answer.tables)
    printNote(`${table} is held with its present shape; \`ledgerflow connector resnapshot ${table}\` takes the new one`);
}
