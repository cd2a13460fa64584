// A rule as SQL that can be run: parameters as literals, frames of window functions, explanation and alert id as expressions.

import { literal } from '../../infra/runtime/sql-text.ts';
import { chosenValues, parameterText, type ParameterValue } from './parameter.ts';
import type { FraudRule, FraudSeverity } from './rule-file.ts';
import { fillIn } from './fill-in.ts';

/** active rules decide, shadow rules only leave their alerts. */
export type RuleMode = 'active' | 'shadow';
export type Decision = 'allow' | 'review' | 'decline' | 'block';

export const DECISION_OF: Readonly<Record<FraudSeverity, Decision>> = {
  low: 'allow',
  medium: 'review',
  high: 'decline',
  critical: 'block',
};

export interface RuleRun {
  readonly rule: FraudRule;
  /** In place of the defaults. */
  readonly parameters?: ReadonlyMap<string, ParameterValue>;
  /** By the rule's status when not given. */
  readonly mode?: RuleMode;
}

/** Columns of temp.fraud_found, which are those of gold.fraud_alerts that a rule decides. */
export const FOUND_COLUMNS = {
  alert_id: 'VARCHAR',
  rule_id: 'VARCHAR',
  rule_version: 'INTEGER',
  mode: 'VARCHAR',
  severity: 'VARCHAR',
  score: 'INTEGER',
  decision: 'VARCHAR',
  entity_type: 'VARCHAR',
  entity_id: 'VARCHAR',
  customer_id: 'VARCHAR',
  account_id: 'VARCHAR',
  transaction_id: 'VARCHAR',
  amount: 'DECIMAL(28,8)',
  currency: 'VARCHAR',
  event_ts: 'TIMESTAMP',
  explanation: 'VARCHAR',
  observed: 'VARCHAR',
} as const;

/** SELECT entity_id, trigger_id, observed of a rule, with nothing left to fill in. */
export function ruleSelect({ rule, parameters }: RuleRun): string {
  return fillIn(rule.sql, chosenValues(rule.parameters, parameters));
}

/** Condition over a movement: the rule may find it. */
export function ruleWhen({ rule, parameters }: RuleRun): string {
  return fillIn(rule.header.when, chosenValues(rule.parameters, parameters));
}

/** The same with what is known of its past: over a row with the features beside it. */
export function ruleScreen({ rule, parameters }: RuleRun): string {
  const { when, screen } = rule.header;
  return fillIn(screen === undefined ? when : `(${when}) AND (${screen})`, chosenValues(rule.parameters, parameters));
}

/**
 * Alerts of one rule over temp.fraud_scope, as rows of FOUND_COLUMNS.
 * @param since SQL of the first instant that the rule looks at
 * @param where condition over a row of temp.fraud_scope: it is history to one of the movements that the rule may find
 */
export function foundSql(run: RuleRun, since: string, where = 'true'): string {
  const { header } = run.rule;
  const mode = run.mode ?? (header.status === 'active' ? 'active' : 'shadow');
  const [id, entity] = [literal(header.rule), literal(header.entity)];
  const fixed = `${id} AS rule_id, ${header.version} AS rule_version, '${mode}' AS mode, '${header.severity}' AS severity, ${header.score} AS score, '${DECISION_OF[header.severity]}' AS decision`;
  return `SELECT ${alertIdSql(header, 'f.entity_id', 'f.trigger_id')} AS alert_id, ${fixed}, ${entity} AS entity_type, f.entity_id, t.customer_id, t.account_id, t.transaction_id,
  t.amount, t.currency, t.event_ts, ${explanationSql(run)} AS explanation, CAST(to_json(f.observed) AS VARCHAR) AS observed
FROM (WITH fraud_transactions AS NOT MATERIALIZED (SELECT * FROM temp.fraud_scope WHERE event_ts >= ${since} AND (${where})),
  fraud_triggers AS NOT MATERIALIZED (SELECT * FROM temp.fraud_scope WHERE is_trigger)
  SELECT entity_id, trigger_id, observed FROM (${ruleSelect(run)})) f
JOIN temp.fraud_scope t ON t.transaction_id = f.trigger_id AND t.is_trigger
QUALIFY row_number() OVER (PARTITION BY f.entity_id, f.trigger_id) = 1`;
}

/** The same rule, version, entity and trigger have the same id wherever and whenever they are found. */
export function alertIdSql(
  { rule, version, entity }: { rule: string; version: number; entity: string },
  entityId: string,
  trigger: string,
): string {
  return `substr(sha256(concat_ws('|', ${literal(rule)}, ${version}, ${literal(entity)}, ${entityId}, ${trigger})), 1, 32)`;
}

/** The template with what was observed and the parameters put in. */
function explanationSql({ rule, parameters }: RuleRun): string {
  const values = chosenValues(rule.parameters, parameters);
  const parts = rule.header.explanation.split(/\{(\w+)\}/).map((part, index) => {
    if (index % 2 === 0) return literal(part);
    const value = values.get(part);
    return value === undefined ? `coalesce(CAST(f.observed.${part} AS VARCHAR), 'none')` : literal(parameterText(value));
  });
  return `concat(${parts.join(', ')})`;
}
