// `ledgerflow dlq`: records that could not be applied: list, show, re-drive, discard.

import { readFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { EXIT } from '../exit-codes.ts';
import { callControl } from '../../infra/runtime/control-client.ts';
import { jsonObject, jsonRows } from '../support/json-rows.ts';
import { whole } from '../support/arguments.ts';
import { printJson, printLine, printNote } from '../support/output.ts';
import { listParked, readParked, readValue, STATUS_FILTERS, type StatusFilter } from '../support/parked-records.ts';
import { whoAmI, wireOf } from '../support/running.ts';
import { renderPairs, renderTable } from '../support/table.ts';
import type { Result } from '../support/wire-client.ts';

const HELP = `
A record that cannot be read or applied is parked with its bytes; later changes of the same key wait behind it (status waiting), so
that their order is kept. Other keys flow on. Every parked record is also produced to the topic ledgerflow.dlq.

Examples:
  $ ledgerflow dlq
  $ ledgerflow dlq show 7
  $ ledgerflow dlq redrive --table accounts
  $ ledgerflow dlq discard 7 --reason "test message of the staging team"`;

const REDRIVE_HELP = `
The whole key of a chosen record is taken along, in the order of the source, up to the first record that still fails; all keys together
are one commit. Exit code: 0 when nothing is left, ${EXIT.FAILED} when a record still fails: the output says which and why.

Examples:
  $ ledgerflow dlq redrive 7
  $ ledgerflow dlq redrive --reason LF_TABLE_UNKNOWN
  $ ledgerflow dlq redrive --all --json`;

const DISCARD_HELP = `
The records are kept with the status discarded, who discarded them, when and why; what waited behind them is applied in the same step.
Silver then lacks the discarded changes until the next change of the same key.

Examples:
  $ ledgerflow dlq discard 7 8 --reason "written by a broken test client"
  $ ledgerflow dlq discard --table nowhere --reason "there is no such table"`;

const failureSchema = z.object({
  id: z.number(),
  place: z.string(),
  table: z.string().nullable(),
  reason: z.string(),
  detail: z.string(),
  behind: z.number(),
});
const outcomeSchema = z.object({
  commitId: z.number().nullable(),
  redriven: z.number(),
  discarded: z.number(),
  failing: z.array(failureSchema),
  remaining: z.number(),
});
type Outcome = z.infer<typeof outcomeSchema>;

interface Filters {
  readonly table?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const dlq = program
    .command('dlq')
    .description('List, show, re-drive and discard records that could not be applied.')
    .addHelpText('after', HELP);
  dlq
    .command('list', { isDefault: true })
    .description('List parked records, by default those that are not dealt with.')
    .option('--table <name>', 'of this table only')
    .option('--reason <code>', 'with this error code only')
    .addOption(new Option('--status <status>', 'with this status').choices(STATUS_FILTERS).default('open'))
    .option('--limit <n>', 'at most this many', whole, 100)
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow dlq list --table accounts --status all --json')
    .action(list);
  dlq
    .command('show')
    .description('Show one parked record with its key, headers and value.')
    .argument('<id>', 'number of the record', whole)
    .option('--json', 'print one JSON object with the whole value')
    .option('--value', 'write the bytes of the value, exactly, and nothing else')
    .addHelpText('after', '\nExamples:\n  $ ledgerflow dlq show 7\n  $ ledgerflow dlq show 7 --value > record.json')
    .action(show);
  dlq
    .command('redrive')
    .description('Apply parked records now, in source order, through the same conversion as always.')
    .argument('[ids...]', 'numbers of records', collectIds)
    .option('--table <name>', 'all of this table')
    .option('--reason <code>', 'all with this error code')
    .option('--all', 'all of them')
    .option('--json', 'print one JSON object')
    .addHelpText('after', REDRIVE_HELP)
    .action(redrive);
  dlq
    .command('edit')
    .description('Correct the value of a parked record; both values are kept, with your name and the time.')
    .argument('<id>', 'number of the record', whole)
    .requiredOption('--value <file>', 'file with the whole event, as `dlq show ID --value` writes it')
    .requiredOption('--reason <text>', 'why; kept with your name and the time')
    .addHelpText('after', '\nExample:\n  $ ledgerflow dlq edit 7 --value record.json --reason "amount without its point"')
    .action(edit);
  dlq
    .command('discard')
    .description('Give records up, with a reason that is kept, and apply what waited behind them.')
    .argument('[ids...]', 'numbers of records', collectIds)
    .option('--table <name>', 'all of this table that are unfit themselves; what waits behind them is applied')
    .requiredOption('--reason <text>', 'why; kept with your name and the time')
    .option('--json', 'print one JSON object')
    .addHelpText('after', DISCARD_HELP)
    .action(discard);
}

function collectIds(text: string, before: number[] | undefined): number[] {
  return [...(before ?? []), whole(text)];
}

async function list(options: Filters & { readonly status: StatusFilter; readonly limit: number }): Promise<void> {
  const found = await listParked(wireOf(), options);
  if (options.json === true) {
    printLine(jsonRows(found));
    return;
  }
  const columns = found.columns.map(({ name, kind }) => ({ name, align: kind === 'integer' ? ('right' as const) : ('left' as const) }));
  printLine(renderTable(columns, found.rows));
  printLine(
    `(${found.rows.length} ${found.rows.length === 1 ? 'record' : 'records'}${found.rows.length === options.limit ? ', there may be more: --limit' : ''})`,
  );
}

const SHOWN_CHARACTERS = 4_000;

async function show(id: number, options: { readonly json?: boolean; readonly value?: boolean }): Promise<void> {
  const login = wireOf();
  const value = await readValue(login, id);
  if (options.value === true) {
    process.stdout.write(value ?? '');
    return;
  }
  const found = await readParked(login, id);
  const text = textOf(value);
  if (options.json === true) {
    printLine(
      `${jsonObject(found.columns, found.rows[0] ?? []).slice(0, -1)},"value":${JSON.stringify(text ?? (value === null ? null : { base64: value.toString('base64') }))}}`,
    );
    return;
  }
  printLine(renderPairs(pairsOf(found)));
  const whole = text ?? value?.toString('hex') ?? '';
  printLine(`\n${value === null ? 'no value' : whole.slice(0, SHOWN_CHARACTERS)}`);
  if (whole.length > SHOWN_CHARACTERS)
    printNote(`only the first ${SHOWN_CHARACTERS} characters are shown; --value writes all ${value?.length ?? 0} bytes`);
}

function pairsOf({ columns, rows }: Result): [string, string][] {
  return columns.flatMap(({ name }, i): [string, string][] => {
    const cell = rows[0]?.[i] ?? null;
    return cell === null ? [] : [[name, cell]];
  });
}

/** Text of UTF-8 bytes; null when they are none. */
function textOf(bytes: Buffer | null): string | null {
  if (bytes === null) return null;
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : null;
}

async function redrive(ids: number[] | undefined, options: Filters & { readonly all?: boolean }): Promise<void> {
  const { table, reason, all } = options;
  const choice = { ...choiceOf(ids, { table, all }), ...(reason === undefined ? {} : { reason }) };
  if (Object.keys(choice).length === 0)
    throw new LedgerflowError('LF_USAGE', 'choose records by number, --table or --reason, or take --all');
  const outcome = await send('dlq/redrive', choice);
  report(outcome, options.json === true);
  if (outcome.failing.length > 0) process.exitCode = EXIT.FAILED;
}

async function discard(ids: number[] | undefined, options: Filters): Promise<void> {
  const choice = choiceOf(ids, { table: options.table });
  if (Object.keys(choice).length === 0) throw new LedgerflowError('LF_USAGE', 'choose records by number or --table');
  report(await send('dlq/discard', { ...choice, because: options.reason }), options.json === true);
}

async function edit(id: number, { value, reason }: { readonly value: string; readonly reason: string }): Promise<void> {
  const by = whoAmI();
  await callControl(loadConfig().home, 'dlq/edit', { id, value: await readFile(value, 'utf8'), by, because: reason });
  printLine(`corrected ${id}; apply it with \`ledgerflow dlq redrive ${id}\``);
}

function choiceOf(ids: number[] | undefined, { table, all }: { table: string | undefined; all?: boolean | undefined }): object {
  return {
    ...(ids === undefined || ids.length === 0 ? {} : { ids }),
    ...(table === undefined ? {} : { table }),
    ...(all === true ? { all } : {}),
  };
}

async function send(command: string, body: object): Promise<Outcome> {
  const { home } = loadConfig();
  const by = whoAmI();
  return outcomeSchema.parse(await callControl(home, command, { ...body, by }));
}

function report(outcome: Outcome, json: boolean): void {
  if (json) return printJson(outcome);
  const { commitId, redriven, discarded, failing, remaining } = outcome;
  if (discarded > 0) printLine(`discarded ${discarded}`);
  printLine(`re-driven ${redriven}${commitId === null ? '' : ` in commit ${commitId}`}`);
  for (const one of failing) {
    const behind = one.behind === 0 ? '' : `; ${one.behind} more wait behind it`;
    printLine(`still parked: ${one.id} (${one.place}) ${one.reason}: ${one.detail}${behind}`);
  }
  if (remaining > 0) printNote(`${remaining} more were left for the next call: run it again`);
}
