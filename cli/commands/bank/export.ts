// `ledgerflow bank export`: the whole ledger for beancount, hledger or a spreadsheet.

import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Option, type Command } from 'commander';
import { FORMATS, type FormatName } from '../../../bank/export/formats.ts';
import { exportJournal } from '../../../bank/export/journal.ts';
import { MYSQL_URL_HELP, withBank } from '../../bank/bank-connection.ts';
import { printJson, printNote } from '../../support/output.ts';
import { stopSignal } from '../../support/stop-signal.ts';

interface ExportCommandOptions {
  readonly format: FormatName;
  readonly output?: string;
  readonly mysqlUrl?: string;
  readonly json?: boolean;
}

const HELP = `
One consistent snapshot, streamed. The files for beancount and hledger end with the balance of every account as the ledger keeps it, so
those programs check the ledger with their own arithmetic. Debits are positive: what the bank owes a customer is a negative number there.

Examples:
  $ ledgerflow bank export --format beancount > bank.beancount && bean-check bank.beancount
  $ ledgerflow bank export --format hledger --output bank.journal --json && hledger -f bank.journal balance
  $ ledgerflow bank export --format csv --output entries.csv`;

export function registerExport(bank: Command): void {
  bank
    .command('export')
    .description('Write the whole ledger as a journal of plain-text accounting or as CSV.')
    .addOption(new Option('--format <format>', 'form of the journal').choices(Object.keys(FORMATS)).makeOptionMandatory())
    .option('--output <file>', 'write to this file instead of standard output')
    .option('--mysql-url <url>', MYSQL_URL_HELP)
    .option('--json', 'print one JSON object about the export (with --output; on standard error without)')
    .addHelpText('after', HELP)
    .action(run);
}

async function run({ format, output, mysqlUrl, json }: ExportCommandOptions): Promise<void> {
  let transactions = 0;
  const onProgress = (count: number) => {
    transactions = count;
    if (count % PROGRESS_TRANSACTIONS === 0 && count > 0) printNote(`${count} transactions`);
  };
  const signal = stopSignal();
  await withBank(mysqlUrl, async (connection) => {
    const text = Readable.from(exportJournal(connection, { format, signal, onProgress }));
    if (output === undefined) await pipeline(text, process.stdout, { end: false });
    else await pipeline(text, createWriteStream(output));
  });
  const summary = { format, transactions, output: output ?? null };
  if (json === true && output !== undefined) printJson(summary);
  else printNote(json === true ? JSON.stringify(summary) : `${transactions} transactions written`);
}

const PROGRESS_TRANSACTIONS = 100_000;
