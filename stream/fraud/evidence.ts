// The evidence of an alert: the other movements that make its condition, such as the tiny purchases before the large one. They are what
// somebody who works on the alert looks at and takes back. An alert is raised by its trigger, when the condition is met; what came before is named then.

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../infra/runtime/sql-text.ts';
import { fillIn } from './fill-in.ts';
import { chosenValues } from './parameter.ts';
import type { RuleRun } from './rule-sql.ts';

/** Movements named by one alert; of more the latest. */
const EVIDENCE_ROWS_MAX = 100;

/**
 * Puts `evidence`, a list of transaction ids in order of time, into what the rule's alerts in temp.fraud_found have observed. A rule says in its
 * header what is evidence (conditions over e, a movement of the scope, t, the trigger, and f, the alert), or its SELECT gives the list itself.
 */
export async function addEvidence(connection: DuckDBConnection, { rule, parameters }: RuleRun): Promise<void> {
  const { header } = rule;
  if (header.evidence === undefined) return;
  const values = chosenValues(rule.parameters, parameters);
  const ofRule = `f.rule_id = ${literal(header.rule)} AND f.rule_version = ${header.version}`;
  const named = header.evidence.map(
    (
      condition,
    ) => `SELECT f.alert_id, e.transaction_id, e.tick FROM temp.fraud_found f JOIN temp.fraud_scope t ON t.transaction_id = f.transaction_id AND t.is_trigger, temp.fraud_scope e
    WHERE ${ofRule} AND e.transaction_id <> t.transaction_id AND ${fillIn(condition, values)}`,
  );
  await connection.run(`UPDATE temp.fraud_found SET observed = json_merge_patch(observed, n.evidence)
FROM (SELECT alert_id, to_json({'evidence': list(transaction_id ORDER BY tick)[-${EVIDENCE_ROWS_MAX}:]}) AS evidence FROM (${named.join(' UNION ')}) GROUP BY alert_id) n
WHERE n.alert_id = fraud_found.alert_id AND fraud_found.rule_version = ${header.version}`);
}

/** Rows (rule, transaction_id, score, is_trigger) of what alerts name: their triggers and their evidence. @param rule what the alerts are grouped by */
export function namedSql(alerts: string, rule: string): string {
  return `SELECT ${rule} AS rule, transaction_id, score, true AS is_trigger FROM ${alerts}
    UNION ALL SELECT ${rule}, unnest(from_json(observed->'$.evidence', '["VARCHAR"]')), score, false FROM ${alerts} WHERE json_exists(observed, '$.evidence')`;
}
