// The `ledgerflow` program: one file per command in commands/. The only place that ends the process, with the codes of exit-codes.ts.

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { isAborted, LedgerflowError, messageOf } from '../infra/runtime/errors.ts';
import * as docs from './commands/docs.ts';
import * as doctor from './commands/doctor.ts';
import * as down from './commands/down.ts';
import * as reset from './commands/reset.ts';
import * as setup from './commands/setup.ts';
import * as sql from './commands/sql.ts';
import * as status from './commands/status.ts';
import * as up from './commands/up.ts';
import { EXIT } from './exit-codes.ts';
import { endQuietlyOnClosedPipe } from './support/output.ts';

const COMMANDS = [up, down, status, doctor, reset, setup, sql, docs];

const HELP = `
Examples:
  $ ledgerflow up                 set up, start and watch everything (Ctrl-C stops it)
  $ ledgerflow status             what runs, how far it is, where to connect
  $ ledgerflow sql "SELECT * FROM gold.daily_volumes"`;

export function buildProgram(): Command {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  const program = new Command('ledgerflow')
    .description("Every commit of a bank's MySQL, exactly once, in queryable tables within a second.")
    .version(version)
    .addHelpText('after', HELP)
    .exitOverride();
  for (const command of COMMANDS) command.register(program);
  return program;
}

/** Runs the command line; every failure is one line on standard error and an exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  endQuietlyOnClosedPipe();
  try {
    await buildProgram().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = explain(error);
  }
  // Sockets and timers of libraries must not keep a finished command alive.
  process.exit(process.exitCode ?? EXIT.OK);
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.OK : EXIT.USAGE; // commander has written the line itself
  process.stderr.write(`${error instanceof LedgerflowError ? error.toLine() : `unexpected: ${messageOf(error)}`}\n`);
  if (!(error instanceof LedgerflowError)) process.stderr.write(`${(error instanceof Error && error.stack) || ''}\n`);
  return exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (isAborted(error)) return EXIT.FAILED;
  if (!(error instanceof LedgerflowError)) return EXIT.FAILED;
  if (error.code === 'LF_CONFIG_INVALID') return EXIT.USAGE;
  if (error.code === 'LF_NOT_RUNNING') return EXIT.NOT_RUNNING;
  return error.code === 'LF_ALREADY_RUNNING' ? EXIT.ALREADY_RUNNING : EXIT.FAILED;
}
