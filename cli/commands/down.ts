// `ledgerflow down`: stops a run through its supervisor; ends what a killed supervisor left behind.

import { type Command } from 'commander';
import { endProcess, gone } from '../../infra/native/process-id.ts';
import { isRunning, readRunFile } from '../../infra/native/run-file.ts';
import { cleanStaleRun } from '../../infra/native/stale-run.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { printLine } from '../support/output.ts';

/** The parts' own deadlines added up, and some. */
const STOP_DEADLINE_MS = 180_000;
const LEFT_BEHIND_DEADLINE_MS = 30_000;

const HELP = `
Exit code: 0 when nothing runs any more, also when nothing ran before.

Example:
  $ ledgerflow down`;

export function register(program: Command): void {
  program
    .command('down')
    .description('Stop LedgerFlow in order; nothing is lost, the next `up` goes on from there.')
    .addHelpText('after', HELP)
    .action(async () => {
      printLine(await stopRun(loadConfig().home));
    });
}

/** Stops the run in `home` and says what was done. */
export async function stopRun(home: string): Promise<string> {
  const run = readRunFile(home);
  if (isRunning(run)) {
    const names = Object.keys(run.parts).toReversed().join(', ');
    process.kill(run.supervisor.pid, 'SIGTERM');
    if (await gone(run.supervisor, STOP_DEADLINE_MS)) return `Stopped ${names || 'the start that was under way'}.`;
    await endProcess(run.supervisor, 0);
  }
  const ended = await cleanStaleRun(home, LEFT_BEHIND_DEADLINE_MS);
  if (ended.length === 0) return `LedgerFlow is not running in ${home}.`;
  return `Ended what a killed run had left behind: ${ended.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ')}.`;
}
