// `ledgerflow backfill`: reads a table of MySQL again while the stream goes on.

import { InvalidArgumentError, Option, type Command } from 'commander';
import { collectionPattern } from '../../cdc/connector/signal-row.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { beginIncremental, followBackfill, sourceInput } from '../backfill/backfill-run.ts';
import { onSource, signalId, writeSignal } from '../backfill/backfill-source.ts';
import { backfillStatuses, progressLine, type BackfillStatus } from '../backfill/backfill-status.ts';
import { bulkBackfill } from '../backfill/bulk-run.ts';
import { printJson, printLine, printNote } from '../support/output.ts';
import { wireOf } from '../support/running.ts';
import { renderTable } from '../support/table.ts';

interface RunOptions {
  readonly table: string;
  readonly where?: string;
  readonly mode: 'incremental' | 'bulk';
  readonly readers: number;
  readonly detach?: boolean;
  readonly json?: boolean;
}

const HELP = `
By default Debezium reads the table in parts while it streams; each row goes through Kafka and the processor at the place of its part in the binlog, so
a newer change is never overwritten. The command shows how far it is; it can be broken off, the backfill goes on, also over restarts.
--mode bulk reads the whole table itself, in parallel from one snapshot of MySQL, for tables where that would take too long; this process
holds the snapshot, so breaking it off ends it. A table that LEDGERFLOW_EXCLUDE_TABLES does not leave out any more is taken into the capture first. With --where only those rows are read, and none is taken away. docs/backfill.md describes what holds meanwhile.

Examples:
  $ ledgerflow backfill --table accounts
  $ ledgerflow backfill --table transactions --where "created_at >= '2026-11-01'"
  $ ledgerflow backfill --table ledger_entries --mode bulk
  $ ledgerflow backfill status
  $ ledgerflow backfill pause`;

export function register(program: Command): void {
  const backfill = program.command('backfill').description('Read a table of MySQL while the stream goes on.').addHelpText('after', HELP);
  backfill
    .command('run', { isDefault: true })
    .description('Read a table.')
    .requiredOption('--table <name>', 'the table')
    .option('--where <condition>', "MySQL's condition for the rows that are read; default: all")
    .addOption(new Option('--mode <mode>', 'how it is read').choices(['incremental', 'bulk']).default('incremental'))
    .option('--readers <n>', 'connections of a bulk read', readerCount, 3)
    .option('--detach', 'return once it has begun')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  $ ledgerflow backfill run --table accounts --detach')
    .action(run);
  backfill
    .command('status')
    .description('List backfills, newest first, with progress and the time that is left.')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow backfill status --json')
    .action(status);
  order(backfill, 'pause', 'Let incremental backfills stand still; the stream goes on.');
  order(backfill, 'resume', 'Let incremental backfills go on.');
  backfill
    .command('stop')
    .description('Give up a backfill: silver is as it would be without it.')
    .requiredOption('--table <name>', 'the table')
    .addHelpText('after', '\nExample:\n  $ ledgerflow backfill stop --table accounts')
    .action(stop);
}

function order(backfill: Command, name: 'pause' | 'resume', text: string): void {
  backfill
    .command(name)
    .description(text)
    .addHelpText('after', `\nExample:\n  $ ledgerflow backfill ${name}`)
    .action(async () => {
      await signalled(name, '', { type: 'incremental' });
      printLine(`${name} was asked for: \`ledgerflow backfill status\` shows when it is so`);
    });
}

async function signalled(what: 'pause' | 'resume' | 'stop', table: string, data: object): Promise<void> {
  await onSource(sourceInput(table), async (connection) => {
    await writeSignal(connection, { id: signalId(what, table), type: `${what}-snapshot`, data });
  });
}

function readerCount(text: string): number {
  if (!/^([1-9]|1[0-6])$/.test(text)) throw new InvalidArgumentError('a whole number from 1 to 16 is needed.');
  return Number(text);
}

async function run({ table, where, mode, readers, detach, json }: RunOptions): Promise<void> {
  if (mode === 'bulk') {
    if (where !== undefined || detach === true)
      throw new LedgerflowError('LF_USAGE', '--mode bulk reads whole tables, and this process holds the snapshot: no --where, no --detach');
    show(await bulkBackfill({ table, readers, onProgress: printNote }), json === true);
    return;
  }
  const signal = await beginIncremental({ table, where: where ?? null, onProgress: printNote });
  if (detach === true) {
    if (json === true) printJson({ signal, table, state: 'begun' });
    else printLine(`${table} will be read (${signal}): \`ledgerflow backfill status\``);
    return;
  }
  show(await followBackfill(signal, printNote), json === true);
}

function show(ended: BackfillStatus, json: boolean): void {
  if (json) printJson(ended);
  else printLine(progressLine(ended));
}

async function status({ json }: { readonly json?: boolean }): Promise<void> {
  const found = await backfillStatuses(wireOf());
  if (json === true) printJson(found);
  else printLine(found.length === 0 ? 'no backfills' : tableOf(found));
}

function tableOf(found: readonly BackfillStatus[]): string {
  const columns = ['table', 'mode', 'state', 'done', 'left', 'rows', 'where', 'started', 'signal'].map((name) => ({ name }));
  const rows = found.map((one) => [
    ...[one.table, one.mode, one.state, one.done === null ? '' : `${Math.floor(one.done * 100)} %`],
    ...[one.secondsLeft === null ? '' : `${one.secondsLeft} s`, one.rows === null ? '' : String(one.rows), one.where ?? ''],
    ...[one.startedAt, one.signal],
  ]);
  return renderTable(columns, rows);
}

async function stop({ table }: { readonly table: string }): Promise<void> {
  const { database } = sourceInput(table).mysql;
  await signalled('stop', table, { type: 'incremental', 'data-collections': [collectionPattern(database, table)] });
  printLine(`stopping the backfill of ${table}: \`ledgerflow backfill status\` shows when it has ended`);
}
