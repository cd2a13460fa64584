// `ledgerflow fraud rules`: every rule with version, status, severity, score and parameters.

import type { Command } from 'commander';
import { parameterText } from '../../../stream/fraud/parameter.ts';
import { loadRules, type FraudRule } from '../../../stream/fraud/rule-file.ts';
import { DECISION_OF } from '../../../stream/fraud/rule-sql.ts';
import { printJson, printLine } from '../../support/output.ts';
import { renderTable } from '../../support/table.ts';

const HELP = `
Needs nothing that runs: rules are the files in stream/fraud/rules. docs/fraud.md says what they look for.

Example:
  $ ledgerflow fraud rules --json`;

export function registerRules(fraud: Command): void {
  fraud
    .command('rules')
    .description('List the rules with version, status, severity, score and parameters.')
    .option('--json', 'print a JSON array')
    .addHelpText('after', HELP)
    .action(({ json }: { json?: boolean }) => {
      const rules = loadRules();
      if (json === true) printJson(rules.map(shown));
      else printLine(renderTable(HEADS, rules.map(cells)));
    });
}

const HEADS = ['rule', 'version', 'status', 'severity', 'decision', 'score', 'entity', 'parameters'].map((name) => ({ name }));

function cells({ header, parameters }: FraudRule): string[] {
  const { rule, version, status, severity, score, entity } = header;
  const values = parameters.filter(({ type }) => type !== 'list').map(({ name, value }) => `${name}=${parameterText(value)}`);
  return [rule, String(version), status, severity, DECISION_OF[severity], String(score), entity, values.join(' ')];
}

function shown({ header, parameters }: FraudRule): object {
  return {
    ...header,
    decision: DECISION_OF[header.severity],
    parameters: parameters.map(({ name, type, value, about }) => ({ name, type, default: value, about })),
  };
}
