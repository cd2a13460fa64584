// Rules chosen on the command line: `velocity`, `velocity@2`, with `--set name=value`.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { valueOf, type ParameterValue } from '../../stream/fraud/parameter.ts';
import { loadRules, type FraudRule } from '../../stream/fraud/rule-file.ts';
import type { RuleRun } from '../../stream/fraud/rule-sql.ts';

/** All active rules, or those that are named. @throws LedgerflowError LF_USAGE, LF_FRAUD_PARAMETER */
export function chosenRuns(names: readonly string[] | undefined, settings: readonly string[] = []): RuleRun[] {
  const rules = loadRules();
  const chosen = names === undefined ? rules.filter(({ header }) => header.status === 'active') : names.map((name) => named(name, rules));
  if (settings.length > 0 && names?.length !== 1) throw new LedgerflowError('LF_USAGE', '--set needs exactly one --rule');
  return chosen.map((rule) => ({ rule, mode: 'active', ...(settings.length === 0 ? {} : { parameters: parametersOf(rule, settings) }) }));
}

/** @throws LedgerflowError LF_USAGE naming the rules there are */
export function named(text: string, rules: readonly FraudRule[]): FraudRule {
  const [, name, version] = /^(\w+)(?:@(\d+))?$/.exec(text) ?? [];
  const found = rules.find(({ header }) => header.rule === name && (version === undefined || header.version === Number(version)));
  if (found === undefined)
    throw new LedgerflowError(
      'LF_USAGE',
      `there is no rule ${text}; there are ${rules.map(({ header }) => `${header.rule}@${header.version}`).join(', ')}`,
    );
  return found;
}

/** @throws LedgerflowError LF_USAGE, LF_FRAUD_PARAMETER */
export function parametersOf(rule: FraudRule, settings: readonly string[]): ReadonlyMap<string, ParameterValue> {
  return new Map(
    settings.map((setting) => {
      const [, name = '', value = ''] = /^(\w+)=(.+)$/.exec(setting) ?? [];
      const parameter = rule.parameters.find((each) => each.name === name);
      if (parameter === undefined)
        throw new LedgerflowError(
          'LF_USAGE',
          `${rule.header.rule} has no parameter ${name === '' ? setting : name}; it has ${rule.parameters.map((each) => each.name).join(', ')}`,
        );
      return [name, valueOf(parameter, value)] as const;
    }),
  );
}
