// `ledgerflow resnapshot --yes`: a new history from the same MySQL. What was captured so far is put aside, not deleted.

import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { claimHome } from '../../infra/native/supervisor.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { printLine } from '../support/output.ts';

/** Everything downstream of MySQL. */
const CAPTURED = ['kafka', 'connect', 'store', 'lake'];

const HELP = `
For a source that cannot be continued (docs/runbook.md): topics made anew, binlog purged, another server. LedgerFlow must be down.
MySQL, its users and passwords stay. Topics, store and lake are moved to <home>/history-<time>; remove that folder when you no
longer need it. The next \`ledgerflow up\` takes a snapshot.

Example:
  $ ledgerflow down && ledgerflow resnapshot --yes && ledgerflow up`;

export function register(program: Command): void {
  program
    .command('resnapshot')
    .description('Put everything captured so far aside and begin again with a snapshot of the same MySQL.')
    .option('--yes', 'really do it')
    .addHelpText('after', HELP)
    .action(async (options: { yes?: boolean }) => {
      printLine(await putAside(loadConfig(), options.yes === true));
    });
}

/** @throws LedgerflowError LF_ALREADY_RUNNING, LF_CONFIRMATION_NEEDED, LF_USAGE when brokers or Connect are not ours */
export async function putAside(config: Config, confirmed: boolean, now = new Date()): Promise<string> {
  const { home } = config;
  if (config.kafkaBrokers !== undefined || config.connectUrl !== undefined)
    throw new LedgerflowError('LF_USAGE', 'Kafka or Connect belong to somebody else: their topics and offsets are not ours to move', {
      remedy: 'Set another LEDGERFLOW_TOPIC_PREFIX, LEDGERFLOW_CONNECTOR and LEDGERFLOW_HOME: a new history begins there with a snapshot.',
    });
  const found = CAPTURED.filter((name) => existsSync(path.join(home, name)));
  if (found.length === 0) return `There is nothing captured in ${home}.`;
  if (!confirmed) throw new LedgerflowError('LF_CONFIRMATION_NEEDED', `this would put ${found.join(', ')} aside`, { where: home });
  await using _claim = await claimHome({ home, onEvent: () => undefined });
  const folder = path.join(home, `history-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`);
  mkdirSync(folder);
  for (const name of found) renameSync(path.join(home, name), path.join(folder, name));
  return `Moved ${found.join(', ')} to ${folder}. The next start takes a snapshot.`;
}
