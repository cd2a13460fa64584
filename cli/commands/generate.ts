// `ledgerflow generate`: a seeded world and its activity, written into the bank's MySQL by plain SQL.

import { InvalidArgumentError, type Command } from 'commander';
import type { BankLogin } from '../../bank/generator/connect.ts';
import { generate, type GenerateSummary } from '../../bank/generator/run.ts';
import { requireRunning } from '../../infra/native/run-file.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { printLine, printNote } from '../support/output.ts';
import { stopSignal } from '../support/stop-signal.ts';

interface GenerateCommandOptions {
  readonly customers: number;
  readonly rate: number;
  readonly duration: number;
  readonly seed: number;
  readonly mysqlUrl?: string;
  readonly json?: boolean;
}

const HELP = `
Adds new customers with accounts, merchants and devices, then purchases, deposits, transfers, refunds, fees,
pending and failed ones. The same seed on the same data sends the same rows; only the times differ.
Ctrl-C ends it early; everything written stays, and every movement is whole.

Example:
  $ ledgerflow generate --customers 200 --rate 100 --duration 60 --seed 7`;

export function register(program: Command): void {
  program
    .command('generate')
    .description("Write seeded bank activity straight into the bank's MySQL.")
    .option('--customers <n>', 'customers to add, two accounts each', wholeNumber, 50)
    .option('--rate <n>', 'transactions per second', wholeNumber, 20)
    .option('--duration <seconds>', 'how long', wholeNumber, 30)
    .option('--seed <n>', 'what decides everything', wholeNumber, 1)
    .option('--mysql-url <url>', 'another server than the running one: mysql://user:password@host:port/database')
    .option('--json', 'print the summary as one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(options: GenerateCommandOptions): Promise<void> {
  const login = options.mysqlUrl === undefined ? runningBank() : loginFromUrl(options.mysqlUrl);
  const { customers, rate, duration, seed } = options;
  printNote(
    `adding ${customers} customers to ${login.host}:${login.port}/${login.database}, then ${rate} transactions/s for ${duration} s`,
  );
  const summary = await generate({
    ...login,
    customers,
    rate,
    seed,
    durationSeconds: duration,
    signal: stopSignal(),
    onProgress: ({ elapsedSeconds, transactions, perSecond }) =>
      printNote(`${elapsedSeconds.toFixed(0)} s: ${transactions} transactions, ${perSecond.toFixed(1)}/s`),
  });
  printLine(options.json === true ? JSON.stringify(summary) : textOf(summary));
}

function runningBank(): BankLogin {
  const { mysql } = requireRunning(loadConfig().home).endpoints;
  if (mysql === undefined) throw new LedgerflowError('LF_MYSQL_UNREACHABLE', 'MySQL is not up yet');
  return mysql;
}

function loginFromUrl(text: string): BankLogin {
  if (!URL.canParse(text))
    throw new LedgerflowError('LF_USAGE', '--mysql-url is not an address like mysql://user:password@host:port/database');
  const url = new URL(text);
  const database = url.pathname.slice(1);
  return {
    host: url.hostname,
    port: url.port === '' ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username) || 'root',
    password: decodeURIComponent(url.password),
    database: database === '' ? 'bank' : decodeURIComponent(database),
  };
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1 is needed.');
  return value;
}

function textOf(summary: GenerateSummary): string {
  const { posted, pending, failed, resolved, seconds, retries } = summary;
  const transactions = posted + pending + failed;
  return [
    `world: ${summary.customers} customers, ${summary.accounts} accounts, ${summary.merchants} merchants (seed ${summary.seed})`,
    `transactions: ${transactions} in ${seconds.toFixed(1)} s (${(transactions / seconds).toFixed(1)}/s)`,
    `  posted ${posted}, pending ${pending} (${resolved} resolved), failed ${failed}; ${retries} retried`,
  ].join('\n');
}
