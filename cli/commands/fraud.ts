// `ledgerflow fraud`: how good the rules are on labelled transactions. One file a subcommand in commands/fraud/.

import type { Command } from 'commander';
import { registerEvaluate } from './fraud/evaluate.ts';

const HELP = `
Examples:
  $ ledgerflow fraud evaluate --generated world`;

export function register(program: Command): void {
  const fraud = program.command('fraud').description('Fraud: measure the rules on labelled transactions.').addHelpText('after', HELP);
  registerEvaluate(fraud);
}
