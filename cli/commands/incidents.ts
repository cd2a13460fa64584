// `ledgerflow incidents`: what is wrong or was, with the rows that show it; who looks after it; quiet for a while.

import type { Command } from 'commander';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { callControl } from '../../infra/runtime/control-client.ts';
import { jsonObject, jsonRows } from '../support/json-rows.ts';
import { whole } from '../support/arguments.ts';
import { printJson, printLine } from '../support/output.ts';
import { whoAmI, wireOf } from '../support/running.ts';
import { renderPairs, renderTable } from '../support/table.ts';
import { queryAll } from '../support/wire-client.ts';

const HELP = `
An incident opens when a check fails, a job gives up or the pipeline stands, and closes by itself when that is over. Who is told, and how
often again, are settings (docs/configuration.md, LEDGERFLOW_ALERT_…).

Examples:
  $ ledgerflow incidents
  $ ledgerflow incidents show 3
  $ ledgerflow incidents ack 3 --note "looking at it"
  $ ledgerflow incidents silence 3 --minutes 120 --note "known, mended tonight"`;

const time = (column: string): string => `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS ${column}`;
const LIST = `incident_id AS id, severity, code, subject, ${time('opened_at')}, ${time('closed_at')}, acknowledged_by, ${time('silenced_until')}, summary`;
const WHOLE = `${LIST}, detail, ${time('acknowledged_at')}, silenced_by, note, dimension, table_name, ${time('updated_at')}, rows`;

interface Options {
  readonly json?: boolean;
  readonly all?: boolean;
  readonly limit: number;
  readonly note: string;
  readonly minutes: number;
}

export function register(program: Command): void {
  const incidents = program
    .command('incidents')
    .description('List incidents, show one, acknowledge it, silence it.')
    .addHelpText('after', HELP);
  incidents
    .command('list', { isDefault: true })
    .description('List open incidents, newest first.')
    .option('--all', 'closed ones too')
    .option('--limit <n>', 'at most this many', whole, 50)
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow incidents list --all --json')
    .action(list);
  incidents
    .command('show')
    .description('Show one incident with the rows that violate, who looked after it and who was notified.')
    .argument('<id>', 'number of the incident', whole)
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  $ ledgerflow incidents show 3')
    .action(show);
  incidents
    .command('ack')
    .description('Say that you look after an open incident: nobody is reminded of it any more.')
    .argument('<id>', 'number of the incident', whole)
    .option('--note <text>', 'what you know', '')
    .addHelpText('after', '\nExample:\n  $ ledgerflow incidents ack 3 --note "looking at it"')
    .action((id: number, { note }: Options) => mark('incidents/ack', { id, note }));
  incidents
    .command('silence')
    .description('Send no notification of an open incident for a while; 0 minutes ends it.')
    .argument('<id>', 'number of the incident', whole)
    .requiredOption('--minutes <n>', 'for how long', minutes)
    .option('--note <text>', 'why', '')
    .addHelpText('after', '\nExample:\n  $ ledgerflow incidents silence 3 --minutes 120 --note "mended tonight"')
    .action((id: number, { note, minutes: quiet }: Options) => mark('incidents/silence', { id, note, minutes: quiet }));
}

function minutes(text: string): number {
  return text === '0' ? 0 : whole(text);
}

async function list({ all, limit, json }: Options): Promise<void> {
  const where = all === true ? '' : 'WHERE closed_at IS NULL';
  const found = await queryAll(wireOf(), `SELECT ${LIST} FROM ops.incidents ${where} ORDER BY incident_id DESC LIMIT ${limit}`);
  if (json === true) printLine(jsonRows(found));
  else if (found.rows.length === 0) printLine(all === true ? 'no incidents' : 'no open incidents');
  else printLine(renderTable(found.columns, found.rows.map((row) => row.map((cell) => cell ?? '')))); // prettier-ignore
}

async function show(id: number, { json }: Options): Promise<void> {
  const wire = wireOf();
  const found = await queryAll(wire, `SELECT ${WHOLE} FROM ops.incidents WHERE incident_id = ${id}`);
  const [row] = found.rows;
  if (row === undefined) throw new LedgerflowError('LF_INCIDENT_UNKNOWN', `there is no incident ${id}`);
  const told = await queryAll(
    wire,
    `SELECT kind, sink, status, attempts, ${time('created_at')}, ${time('sent_at')}, error FROM ops.notifications WHERE incident_id = ${id} ORDER BY notification_id`,
  );
  const steps = await queryAll(
    wire,
    `SELECT ${time('done_at')}, actor, action, minutes, note FROM ops.incident_steps WHERE incident_id = ${id} ORDER BY seq`,
  );
  if (json === true) {
    printLine(`${jsonObject(found.columns, row).slice(0, -1)},"steps":${jsonRows(steps)},"notifications":${jsonRows(told)}}`);
    return;
  }
  const pairs = found.columns.flatMap(({ name }, index): [string, string][] => {
    const cell = row[index] ?? null;
    return cell === null || name === 'rows' ? [] : [[name, cell]];
  });
  printLine(renderPairs(pairs));
  const rows = JSON.parse(row.at(-1) ?? '[]') as unknown[];
  for (const each of rows) printLine(`row  ${JSON.stringify(each)}`);
  for (const { columns, rows: cells } of [steps, told])
    if (cells.length > 0) printLine(`\n${renderTable(columns, cells.map((each) => each.map((cell) => cell ?? '')))}`); // prettier-ignore
}

async function mark(command: string, body: object): Promise<void> {
  printJson(await callControl(loadConfig().home, command, { ...body, by: whoAmI() }));
}
