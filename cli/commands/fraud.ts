// `ledgerflow fraud`: rules, lists, and how good the rules are on labelled transactions. One file a subcommand in commands/fraud/.

import type { Command } from 'commander';
import { registerEvaluate } from './fraud/evaluate.ts';
import { registerLists } from './fraud/lists.ts';
import { registerRules } from './fraud/rules.ts';

const HELP = `
Examples:
  $ ledgerflow fraud rules
  $ ledgerflow fraud deny merchant 17 --reason "reported by the card scheme"
  $ ledgerflow fraud evaluate --generated world`;

export function register(program: Command): void {
  const fraud = program
    .command('fraud')
    .description('Fraud: rules, allow and deny lists, snoozes; measure the rules on labelled transactions.')
    .addHelpText('after', HELP);
  registerRules(fraud);
  registerLists(fraud);
  registerEvaluate(fraud);
}
