// `ledgerflow seed`: small, fixed data for trying things out.

import type { Command } from 'commander';
import { tellDemo } from '../../bank/demo/alice-and-bob.ts';
import { MYSQL_URL_HELP, toolLogin } from '../bank/bank-connection.ts';
import { printJson, printLine } from '../support/output.ts';
import { renderTable } from '../support/table.ts';

const HELP = `
Example:
  $ ledgerflow seed demo`;

const DEMO_HELP = `
Opens an account for a new Alice and a new Bob, then moves money three times: float to Alice 500, Alice to Bob 100, Bob to Alice 50.
What these movements add up to is shown: 450, 50 and -500.

Examples:
  $ ledgerflow seed demo
  $ ledgerflow seed demo --json`;

export function register(program: Command): void {
  const seed = program.command('seed').description('Write small, fixed data into the bank.').addHelpText('after', HELP);
  seed
    .command('demo')
    .description('Alice and Bob: three transfers in double entry.')
    .option('--mysql-url <url>', MYSQL_URL_HELP)
    .option('--json', 'print one JSON object')
    .addHelpText('after', DEMO_HELP)
    .action(demo);
}

async function demo({ mysqlUrl, json }: { readonly mysqlUrl?: string; readonly json?: boolean }): Promise<void> {
  const story = await tellDemo(toolLogin(mysqlUrl));
  if (json === true) {
    printJson(story);
    return;
  }
  const columns = [{ name: 'who' }, { name: 'account', align: 'right' as const }, { name: story.currency, align: 'right' as const }];
  printLine(
    renderTable(
      columns,
      story.accounts.map(({ name, accountId, balance }) => [name, accountId, balance]),
    ),
  );
  printLine(`transactions ${story.transactionIds.join(', ')}`);
}
