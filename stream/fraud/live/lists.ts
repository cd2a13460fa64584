// Lists: what is denied is an alert by itself, what is allowed or snoozed keeps its alerts and disturbs nobody. An entry holds for movements of
// its time, so that a replay finds what was found then.

import type { DuckDBConnection } from '@duckdb/node-api';
import { alertIdSql } from '../rule-sql.ts';

/** The alert of a denied entity, as if a rule had found it. */
export const DENY_RULE = { rule: 'deny_list', version: 1, entity: 'listed' } as const;

/** Fills temp.fraud_listed (transaction_id, list, rule_id, entity_type, entity_id, reason) for the movements in temp.fraud_now. */
export async function findListed(connection: DuckDBConnection): Promise<void> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE fraud_listed AS
SELECT t.transaction_id, l.list, l.rule_id, l.entity_type, l.entity_id, l.reason FROM ops.fraud_lists l JOIN temp.fraud_now t ON l.entity_id = CASE l.entity_type WHEN 'customer' THEN t.customer_id WHEN 'account' THEN t.account_id WHEN 'counter_account' THEN t.counter_account_id
    WHEN 'merchant' THEN t.merchant_id ELSE t.device_id END
  AND (l.until_ts IS NULL OR t.event_ts < l.until_ts) AND (l.list = 'snooze' OR t.event_ts >= l.from_ts)`);
}

/** Alerts of denied entities into temp.fraud_found. @returns how many */
export async function findDenied(connection: DuckDBConnection): Promise<number> {
  const id = alertIdSql(DENY_RULE, `l.entity_type || ':' || l.entity_id`, 't.transaction_id');
  const { rowsChanged } = await connection.run(`INSERT INTO temp.fraud_found
SELECT ${id}, '${DENY_RULE.rule}', ${DENY_RULE.version}, 'active', 'critical', 100, 'block', l.entity_type, l.entity_id, t.customer_id, t.account_id, t.transaction_id, t.amount, t.currency, t.event_ts,
  concat(l.entity_type, ' ', l.entity_id, ' is on the deny list: ', l.reason), CAST(to_json({'reason': l.reason}) AS VARCHAR)
FROM (SELECT DISTINCT ON (transaction_id, entity_type, entity_id) * FROM temp.fraud_listed WHERE list = 'deny') l JOIN temp.fraud_now t ON t.transaction_id = l.transaction_id`);
  return rowsChanged;
}

/** Why nobody is told of the alert f, or NULL: its movement is of something allowed, or somebody has snoozed the rule for its entity. */
export const SUPPRESSED_SQL = `CASE WHEN f.rule_id <> '${DENY_RULE.rule}' AND EXISTS (FROM temp.fraud_listed l WHERE l.list = 'allow' AND l.transaction_id = f.transaction_id) THEN 'allow'
  WHEN EXISTS (FROM temp.fraud_listed l WHERE l.list = 'snooze' AND l.transaction_id = f.transaction_id AND l.rule_id = f.rule_id AND l.entity_type = f.entity_type AND l.entity_id = f.entity_id) THEN 'snooze' END`;
