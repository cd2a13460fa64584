// `ledgerflow bank operator`: makes a login that reaches every account. Customers register themselves over the API.

import { text } from 'node:stream/consumers';
import { InvalidArgumentError, type Command } from 'commander';
import { addUser } from '../../../bank/auth/users.ts';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { withUsers } from '../../bank/bank-login.ts';
import { printLine } from '../../support/output.ts';

const PASSWORD_CHARACTERS_MIN = 10;
const HELP = `
The password is read from standard input: at least ${PASSWORD_CHARACTERS_MIN} characters, one line.

Example:
  $ ledgerflow bank operator olga@example.com < password.txt`;

export function registerOperator(bank: Command): void {
  bank
    .command('operator')
    .description('Make a login that reaches every account.')
    .argument('<email>', 'e-mail address to log in with', emailAddress)
    .addHelpText('after', HELP)
    .action(async (email: string) => {
      const [password = ''] = (await text(process.stdin)).split(/\r?\n/, 1);
      if (password.length < PASSWORD_CHARACTERS_MIN)
        throw new LedgerflowError('LF_USAGE', `the password needs at least ${PASSWORD_CHARACTERS_MIN} characters`);
      const wanted = { email, password, firstName: '', lastName: '', role: 'operator' } as const;
      const added = await withUsers((users) => addUser(users, wanted));
      if (added === undefined) throw new LedgerflowError('LF_USAGE', 'this address has a login already');
      printLine(`operator ${added.value}`);
    });
}

function emailAddress(given: string): string {
  if (!/^[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+\.[A-Za-z]+$/.test(given))
    throw new InvalidArgumentError('an e-mail address is needed.');
  return given.toLowerCase();
}
