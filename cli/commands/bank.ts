// `ledgerflow bank`: the bank's own programs. One file a subcommand in commands/bank/.

import type { Command } from 'commander';
import { registerKey } from './bank/key.ts';
import { registerOperator } from './bank/operator.ts';
import { registerAudit } from './bank/audit.ts';
import { registerExport } from './bank/export.ts';
import { registerRebuild } from './bank/rebuild.ts';
import { registerServe } from './bank/serve.ts';

const HELP = `
Examples:
  $ ledgerflow bank serve
  $ curl -s http://127.0.0.1:8000/health`;

export function register(program: Command): void {
  const bank = program.command('bank').description("The bank's ledger service: its API and its tools.").addHelpText('after', HELP);
  registerServe(bank);
  registerKey(bank);
  registerOperator(bank);
  registerAudit(bank);
  registerRebuild(bank);
  registerExport(bank);
}
