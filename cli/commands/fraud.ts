// `ledgerflow fraud`: rules, lists, alerts as cases, backtests, scores. One file a subcommand in commands/fraud/.

import type { Command } from 'commander';
import { registerAlerts } from './fraud/alerts.ts';
import { registerBacktest } from './fraud/backtest.ts';
import { registerEvaluate } from './fraud/evaluate.ts';
import { registerLists } from './fraud/lists.ts';
import { registerRules } from './fraud/rules.ts';
import { registerTrain } from './fraud/train.ts';

const HELP = `
Examples:
  $ ledgerflow fraud rules
  $ ledgerflow fraud alerts
  $ ledgerflow fraud deny merchant 17 --reason "reported by the card scheme"
  $ ledgerflow fraud evaluate --generated world`;

export function register(program: Command): void {
  const fraud = program
    .command('fraud')
    .description('Fraud: rules, lists, the queue of alerts; backtests, labelled evaluations, trained scores.')
    .addHelpText('after', HELP);
  registerRules(fraud);
  registerLists(fraud);
  registerAlerts(fraud);
  registerBacktest(fraud);
  registerEvaluate(fraud);
  registerTrain(fraud);
}
