// `ledgerflow guard`: transactions that delete much and wait for a person: list, approve, reject.

import type { Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../../infra/runtime/config.ts';
import { callControl } from '../../infra/runtime/control-client.ts';
import { jsonRows } from '../support/json-rows.ts';
import { whole } from '../support/arguments.ts';
import { printJson, printLine, printNote } from '../support/output.ts';
import { whoAmI, wireOf } from '../support/running.ts';
import { renderTable } from '../support/table.ts';
import { queryAll } from '../support/wire-client.ts';

const HELP = `
A transaction that deletes more rows of a table than LEDGERFLOW_GUARD_DELETES_MAX, and a TRUNCATE of as many, is asked about before it
reaches the lake; so is the one with which many small ones together delete more than LEDGERFLOW_GUARD_WINDOW_DELETES_MAX rows of a table. What happens to the rest meanwhile is LEDGERFLOW_GUARD_MODE (docs/guards.md). The number is the transaction's.

Examples:
  $ ledgerflow guard
  $ ledgerflow guard approve 4711 --reason "the yearly clean-up"
  $ ledgerflow guard reject 4711 --reason "nobody ordered this"`;

const time = (column: string): string => `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS ${column}`;
const COLUMNS = `seq AS number, state, kind, array_to_string(tables, ', ') AS tables, rows, what, gtid, ${time('found_at')}, ${time('decided_at')}, decided_by, note`;

interface Options {
  readonly all?: boolean;
  readonly json?: boolean;
  readonly reason: string;
}

export function register(program: Command): void {
  const guard = program.command('guard').description('List, approve and reject transactions that delete much.').addHelpText('after', HELP);
  guard
    .command('list', { isDefault: true })
    .description('List changes that are not decided, oldest first.')
    .option('--all', 'decided ones too')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow guard list --all --json')
    .action(list);
  guard
    .command('approve')
    .description('Let a transaction through.')
    .argument('<number>', 'number of the transaction', whole)
    .option('--reason <text>', 'why; kept with your name and the time', '')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  $ ledgerflow guard approve 4711')
    .action(approve);
  guard
    .command('reject')
    .description('Keep the rows: the tables of the transaction are held from it on, everything else goes on.')
    .argument('<number>', 'number of the transaction', whole)
    .requiredOption('--reason <text>', 'why; kept with your name and the time')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  $ ledgerflow guard reject 4711 --reason "nobody ordered this"')
    .action(reject);
}

async function list({ all, json }: Options): Promise<void> {
  const where = all === true ? '' : `WHERE state IN ('waiting', 'held')`;
  const found = await queryAll(wireOf(), `SELECT ${COLUMNS} FROM ops.guarded_changes ${where} ORDER BY seq`);
  if (json === true) printLine(jsonRows(found));
  else if (found.rows.length === 0) printLine(all === true ? 'no guarded changes' : 'nothing waits for approval');
  else printLine(renderTable(found.columns, found.rows.map((row) => row.map((cell) => cell ?? '')))); // prettier-ignore
}

const decidedSchema = z.object({
  seq: z.number(),
  state: z.string(),
  resnapshot: z.array(z.string()).default([]),
  tables: z.array(z.string()).default([]),
});

async function decide(command: string, seq: number, { reason, json }: Options): Promise<z.output<typeof decidedSchema>> {
  const by = whoAmI();
  const answer = decidedSchema.parse(await callControl(loadConfig().home, command, { seq, by, note: reason }));
  if (json === true) printJson(answer);
  else printLine(`transaction ${seq} is ${answer.state}`);
  return answer;
}

async function approve(seq: number, options: Options): Promise<void> {
  const { resnapshot } = await decide('guard/approve', seq, options);
  for (const table of resnapshot) printNote(`${table} is held still: run \`ledgerflow connector resnapshot ${table}\``);
}

async function reject(seq: number, options: Options): Promise<void> {
  const { tables } = await decide('guard/reject', seq, options);
  for (const table of tables)
    printNote(`${table} keeps its rows and is held: when MySQL has them again, run \`ledgerflow connector resnapshot ${table}\``);
}
