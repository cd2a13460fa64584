// `ledgerflow resnapshot --yes`: a new history from the same MySQL. What was captured so far is put aside, not deleted.

import type { Command } from 'commander';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { printLine } from '../support/output.ts';
import { setAside } from '../support/set-aside.ts';

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
  const aside = await setAside({ home, names: CAPTURED, as: 'history', confirmed, now });
  if (aside === null) return `There is nothing captured in ${home}.`;
  return `Moved ${aside.moved.join(', ')} to ${aside.folder}. The next start takes a snapshot.`;
}
