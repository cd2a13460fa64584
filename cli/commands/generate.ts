// `ledgerflow generate`: a seeded world and its activity, written into the bank's MySQL by plain SQL.

import { InvalidArgumentError, Option, type Command } from 'commander';
import type { BankLogin } from '../../bank/generator/connect.ts';
import { generate, type GenerateSummary } from '../../bank/generator/run.ts';
import { requireRunning } from '../../infra/native/run-file.ts';
import { loadSecrets } from '../../infra/native/secrets.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { writeFiles, writeHistory } from '../bank/generate-world.ts';
import { whole } from '../support/arguments.ts';
import { printLine, printNote } from '../support/output.ts';
import { stopSignal } from '../support/stop-signal.ts';

interface GenerateCommandOptions {
  readonly customers: number;
  readonly rate: number;
  readonly duration: number;
  readonly seed: number;
  readonly mysqlUrl?: string;
  readonly json?: boolean;
  readonly history?: number;
  readonly until?: number;
  readonly fraudRate: number;
  readonly faultRate: number;
  readonly truthDir?: string;
  readonly statements?: string;
  readonly breakRate: number;
  readonly to?: string;
  readonly format: 'parquet' | 'csv';
  readonly via: 'sql' | 'api';
  readonly apiUrl?: string;
  readonly apiKey?: string;
}

const HELP = `
Adds new customers with accounts, merchants and devices, then purchases, deposits, transfers, refunds, fees,
pending and failed ones. The same seed on the same data sends the same rows; only the times differ.
Ctrl-C ends it early; everything written stays, and every movement is whole.

With --history, a seeded world instead: customers with incomes and habits, months of what they did, frauds and faults among it.
The same seed, customers, months and --until give the same world, byte for byte (docs/generator.md).
With --rate or --duration besides, the world then goes on live from where its plan stopped; the same command again goes on from there.
With --via api, every movement is a request to the bank API; a run that was stopped goes on where it was, and nothing is done twice.
With --to, the same world as files: the bank's tables, statements and ground truth, for evaluation at any size without a server.

Examples:
  $ ledgerflow generate --customers 200 --rate 100 --duration 60 --seed 7
  $ ledgerflow generate --customers 1000 --history 6 --seed 7 --truth-dir truth
  $ ledgerflow generate --customers 1000 --history 6 --seed 7 --rate 50 --duration 600
  $ ledgerflow generate --customers 50 --history 1 --seed 7 --via api
  $ ledgerflow generate --customers 2500 --history 6 --seed 7 --to world --format parquet`;

export function register(program: Command): void {
  program
    .command('generate')
    .description("Write seeded bank activity straight into the bank's MySQL.")
    .option('--customers <n>', 'customers to add, two accounts each', whole, 50)
    .option('--rate <n>', 'transactions per second', whole, 20)
    .option('--duration <seconds>', 'how long', whole, 30)
    .option('--seed <n>', 'what decides everything', whole, 1)
    .option('--mysql-url <url>', 'another server than the running one: mysql://user:password@host:port/database')
    .option('--history <months>', 'a seeded world with months of history, instead of movements at a rate', whole)
    .option('--until <time>', 'when the history ends, ISO 8601 (default: last midnight, UTC)', instant)
    .option('--fraud-rate <share>', 'share of the movements of a history that are frauds', share, 0.002)
    .option('--fault-rate <share>', 'share of the movements of a history with a fault in their data', share, 0.001)
    .option('--statements <folder>', 'write the statements of the banks on the other side to files in this folder')
    .option('--break-rate <share>', 'share of the statement lines that differ from the history', share, 0.01)
    .addOption(
      new Option('--via <way>', 'with --history: rows in bulk, or every movement through the bank API')
        .choices(['sql', 'api'])
        .default('sql'),
    )
    .option('--api-url <url>', 'the bank API (default: the running one)')
    .option('--api-key <key>', 'service key, when the bank API asks for one')
    .option('--to <folder>', 'with --history: write the world to files in this folder, and nothing to MySQL')
    .addOption(new Option('--format <form>', 'form of those files').choices(['parquet', 'csv']).default('parquet'))
    .option('--truth-dir <folder>', 'write what is a fraud, a fault, a match and a break to files in this folder')
    .option('--json', 'print the summary as one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(options: GenerateCommandOptions, command: Command): Promise<void> {
  const { to, history: months } = options;
  if (to !== undefined) {
    await writeFiles({ ...options, to });
    return;
  }
  if (months !== undefined) {
    const login = options.mysqlUrl === undefined ? serviceLogin() : loginFromUrl(options.mysqlUrl);
    const goesLive = command.getOptionValueSource('rate') === 'cli' || command.getOptionValueSource('duration') === 'cli';
    await writeHistory({ ...options, months, login, goesLive, apiUrl: options.apiUrl ?? bankUrl() });
    return;
  }
  if (options.via === 'api')
    throw new LedgerflowError('LF_USAGE', '--via api needs --history <months>: only a seeded world has a plan to send');
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

/** History is written by the bank's service login, which posts itself. */
function serviceLogin(): BankLogin {
  return { ...runningBank(), user: 'ledgerflow_service', password: loadSecrets(loadConfig().home).mysqlService };
}

/** Where `npm start` serves the bank API unless its port was taken. */
function bankUrl(): string {
  return `http://127.0.0.1:${loadConfig().bankPort}`;
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

function share(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 0.5)) throw new InvalidArgumentError('a number from 0 to 0.5 is needed.');
  return value;
}

function instant(text: string): number {
  const value = Date.parse(text);
  if (Number.isNaN(value)) throw new InvalidArgumentError('a time like 2026-11-21T00:00:00Z is needed.');
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
