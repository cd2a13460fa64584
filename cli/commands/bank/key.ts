// `ledgerflow bank key`: keys with which other services use the bank API.

import { InvalidArgumentError, type Command } from 'commander';
import { ServiceKeys } from '../../../bank/auth/service-keys.ts';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { withUsers } from '../../bank/bank-login.ts';
import { printLine, printNote } from '../../support/output.ts';
import { renderTable } from '../../support/table.ts';

const HELP = `
A service key reaches every account, like an operator. Send it as Authorization: Bearer.

Examples:
  $ ledgerflow bank key create reporting
  $ ledgerflow bank key list
  $ ledgerflow bank key revoke reporting`;

export function registerKey(bank: Command): void {
  const key = bank.command('key').description('Make, list and revoke keys for other services.').addHelpText('after', HELP);
  key
    .command('create')
    .description('Make a key; it is shown this once.')
    .argument('<name>', 'who uses it', serviceName)
    .addHelpText('after', '\nExample:\n  $ ledgerflow bank key create reporting > reporting.key')
    .action(async (name: string) => {
      const made = await withKeys((keys) => keys.create(name));
      if (made === undefined) throw new LedgerflowError('LF_USAGE', `there is a key of the name ${name}`);
      printNote(`key ${made.keyId} of ${name}; it is not shown again:`);
      printLine(made.key);
    });
  key
    .command('list')
    .description('List the keys, without their secrets.')
    .addHelpText('after', '\nExample:\n  $ ledgerflow bank key list')
    .action(async () => {
      const rows = (await withKeys((keys) => keys.list())).map((each) => [
        String(each.keyId),
        each.name,
        each.createdAt,
        each.revokedAt ?? '',
      ]);
      const columns = ['id', 'name', 'created', 'revoked'].map((name) => ({ name, align: 'left' as const }));
      printLine(renderTable(columns, rows));
    });
  key
    .command('revoke')
    .description('Revoke a key; servers refuse it within ten seconds.')
    .argument('<name>', 'who uses it', serviceName)
    .addHelpText('after', '\nExample:\n  $ ledgerflow bank key revoke reporting')
    .action(async (name: string) => {
      if (!(await withKeys((keys) => keys.revoke(name))))
        throw new LedgerflowError('LF_USAGE', `there is no valid key of the name ${name}`);
      printLine(`revoked ${name}`);
    });
}

function serviceName(text: string): string {
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(text)) throw new InvalidArgumentError('1 to 64 letters, digits, _ . - are needed.');
  return text;
}

async function withKeys<T>(work: (keys: ServiceKeys) => Promise<T>): Promise<T> {
  return await withUsers((users) => work(new ServiceKeys(users)));
}
