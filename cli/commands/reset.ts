// `ledgerflow reset --yes`: removes databases, topics, lake, logs and passwords of a home folder. Never the cache.

import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { claimHome } from '../../infra/native/supervisor.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { printLine } from '../support/output.ts';

/** Everything LedgerFlow writes into a home; nothing else is touched. */
const CONTENT = [
  'mysql',
  'kafka',
  'connect',
  'store',
  'lake',
  'logs',
  'tmp',
  'privacy', // the keys; privacy.json is a person's and stays
  'secrets.json',
  'run.json',
  'restore.json',
  'restore.partial',
];

const HELP = `
The downloaded parts in the cache stay. A database given by LEDGERFLOW_MYSQL_URL is not touched.

Example:
  $ ledgerflow down && ledgerflow reset --yes`;

export function register(program: Command): void {
  program
    .command('reset')
    .description('Remove all data of this home folder: the bank, the topics, the lake, logs and passwords.')
    .option('--yes', 'really do it')
    .addHelpText('after', HELP)
    .action(async (options: { yes?: boolean }) => {
      printLine(await resetHome(loadConfig().home, options.yes === true));
    });
}

/** @throws LedgerflowError LF_ALREADY_RUNNING, LF_CONFIRMATION_NEEDED */
export async function resetHome(home: string, confirmed: boolean): Promise<string> {
  const found = CONTENT.filter((name) => existsSync(path.join(home, name)));
  if (found.length === 0) return `There is nothing to remove in ${home}.`;
  if (!confirmed) throw new LedgerflowError('LF_CONFIRMATION_NEEDED', `this would remove ${found.join(', ')}`, { where: home });
  await using _claim = await claimHome({ home, onEvent: () => undefined });
  for (const name of found) rmSync(path.join(home, name), { recursive: true, force: true });
  return `Removed ${found.join(', ')} from ${home}.`;
}
