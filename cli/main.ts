// The `ledgerflow` program: one file per command in commands/. The only place that ends the process, with the codes of exit-codes.ts.

import { Command, CommanderError } from 'commander';
import { isAborted, LedgerflowError, messageOf } from '../infra/runtime/errors.ts';
import { EXIT } from './exit-codes.ts';
import { endQuietlyOnClosedPipe } from './support/output.ts';
import { productVersion } from './support/version.ts';

interface CommandModule {
  register(program: Command): void;
}

/** In the order of the help. A command is loaded alone when it is named: their libraries take most of the time of a short command. */
const COMMANDS: Readonly<Record<string, () => Promise<CommandModule>>> = {
  up: () => import('./commands/up.ts'),
  down: () => import('./commands/down.ts'),
  status: () => import('./commands/status.ts'),
  doctor: () => import('./commands/doctor.ts'),
  reset: () => import('./commands/reset.ts'),
  rebuild: () => import('./commands/rebuild.ts'),
  resnapshot: () => import('./commands/resnapshot.ts'),
  lake: () => import('./commands/lake.ts'),
  backup: () => import('./commands/backup.ts'),
  restore: () => import('./commands/restore.ts'),
  setup: () => import('./commands/setup.ts'),
  sql: () => import('./commands/sql.ts'),
  lineage: () => import('./commands/lineage.ts'),
  wait: () => import('./commands/wait.ts'),
  topics: () => import('./commands/topics.ts'),
  dlq: () => import('./commands/dlq.ts'),
  guard: () => import('./commands/guard.ts'),
  schema: () => import('./commands/schema.ts'),
  jobs: () => import('./commands/jobs.ts'),
  incidents: () => import('./commands/incidents.ts'),
  recon: () => import('./commands/recon.ts'),
  'run-recon': () => import('./commands/run-recon.ts'),
  validate: () => import('./commands/validate.ts'),
  quality: () => import('./commands/quality.ts'),
  fraud: () => import('./commands/fraud.ts'),
  features: () => import('./commands/features.ts'),
  connector: () => import('./commands/connector.ts'),
  verify: () => import('./commands/verify.ts'),
  privacy: () => import('./commands/privacy.ts'),
  certify: () => import('./commands/certify.ts'),
  evidence: () => import('./commands/evidence.ts'),
  replay: () => import('./commands/replay.ts'),
  repair: () => import('./commands/repair.ts'),
  backfill: () => import('./commands/backfill.ts'),
  processor: () => import('./commands/processor.ts'),
  bank: () => import('./commands/bank.ts'),
  dashboards: () => import('./commands/dashboards.ts'),
  generate: () => import('./commands/generate.ts'),
  seed: () => import('./commands/seed.ts'),
  docs: () => import('./commands/docs.ts'),
};

const HELP = `
Examples:
  $ ledgerflow up                 set up, start and watch everything (Ctrl-C stops it)
  $ ledgerflow status             what runs, how far it is, where to connect
  $ ledgerflow sql "SELECT * FROM gold.daily_volumes"`;

/** @param name the command asked for; all of them are loaded when it is none */
export async function buildProgram(name: string | undefined): Promise<Command> {
  const program = new Command('ledgerflow')
    .description("Every commit of a bank's MySQL, exactly once, in queryable tables within a second.")
    .version(productVersion())
    .addHelpText('after', HELP)
    .exitOverride();
  const alone = name === undefined ? undefined : COMMANDS[name];
  for (const load of alone === undefined ? Object.values(COMMANDS) : [alone]) (await load()).register(program);
  return program;
}

/** Runs the command line; every failure is one line on standard error and an exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  endQuietlyOnClosedPipe();
  try {
    const program = await buildProgram(argv[2]);
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = explain(error);
  }
  // Sockets and timers of libraries must not keep a finished command alive.
  process.exit(process.exitCode ?? EXIT.OK);
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.OK : EXIT.USAGE; // commander has written the line itself
  if (isAborted(error)) {
    process.stderr.write('stopped on request\n');
    return EXIT.FAILED;
  }
  process.stderr.write(`${error instanceof LedgerflowError ? error.toLine() : `unexpected: ${messageOf(error)}`}\n`);
  if (!(error instanceof LedgerflowError)) process.stderr.write(`${(error instanceof Error && error.stack) || ''}\n`);
  return exitCodeOf(error);
}

/** Something is not what it was, or not what it must equal. */
const WRONG: ReadonlySet<string> = new Set([
  'LF_AUDIT_BROKEN',
  'LF_LEDGER_DRIFT',
  'LF_VERIFY_DIFFERENT',
  'LF_CERTIFICATE_INVALID',
  'LF_CERTIFICATE_REFUSED',
  'LF_RECON_CHAIN',
]);

function exitCodeOf(error: unknown): number {
  if (!(error instanceof LedgerflowError)) return EXIT.FAILED;
  if (error.code === 'LF_CONFIG_INVALID' || error.code === 'LF_USAGE') return EXIT.USAGE;
  if (WRONG.has(error.code)) return EXIT.LEDGER_WRONG;
  if (error.code === 'LF_NOT_RUNNING') return EXIT.NOT_RUNNING;
  return error.code === 'LF_ALREADY_RUNNING' ? EXIT.ALREADY_RUNNING : EXIT.FAILED;
}
