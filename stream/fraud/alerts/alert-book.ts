// What a run found becomes rows, in the run's transaction: new alerts, alerts whose reason has gone or come back, decisions of their movements.

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal, nullable } from '../../../infra/runtime/sql-text.ts';
import type { InputPosition } from '../../jobs/job.ts';
import { GUARD, type RuleLimits } from '../live/guard.ts';
import { DENY_RULE, SUPPRESSED_SQL } from '../live/lists.ts';
import type { RuleRun } from '../rule-sql.ts';
import { FOUND_COLUMNS } from '../rule-sql.ts';
import { SCORE_RULE } from '../score/live-score.ts';

/** Alerts of movements that are older when they are found tell nobody: they came with a history. */
const NOTIFY_WITHIN_HOURS = 24;
const SCORE_MAX = 100;

export interface BookRequest {
  readonly runs: readonly RuleRun[];
  /** The trained score as a version of its rule; null: there is none. */
  readonly scoreVersion: number | null;
  readonly position: InputPosition;
  readonly now: Date;
  readonly limits: RuleLimits;
  /** Some of the movements were evaluated before. */
  readonly again: boolean;
}

export interface Booked {
  readonly alerts: number;
  readonly withdrawn: number;
}

/** Brings gold.fraud_alerts and gold.fraud_decisions to temp.fraud_found for the movements in temp.fraud_chunk. */
export async function bookAlerts(connection: DuckDBConnection, request: BookRequest): Promise<Booked> {
  const withdrawn = request.again ? await reconsider(connection, request) : 0;
  const { rowsChanged } = await connection.run(newAlertsSql(request));
  if (rowsChanged > 0 || request.again) await decide(connection, request);
  return { alerts: rowsChanged, withdrawn };
}

/** Alerts of movements that were evaluated before: those not found any more are withdrawn, those found again say what is seen now. */
async function reconsider(connection: DuckDBConnection, { runs, scoreVersion, position }: BookRequest): Promise<number> {
  const versions = [
    ...runs.map(({ rule }) => `(${literal(rule.header.rule)}, ${rule.header.version})`),
    `('${DENY_RULE.rule}', ${DENY_RULE.version})`,
    ...(scoreVersion === null ? [] : [`('${SCORE_RULE}', ${scoreVersion})`]),
  ].join(', ');
  const ofChunk = 'transaction_id IN (SELECT transaction_id FROM temp.fraud_chunk WHERE again)';
  await connection.run(`UPDATE gold.fraud_alerts SET withdrawn_commit = NULL, explanation = f.explanation, observed = f.observed, amount = f.amount, event_ts = f.event_ts
    FROM temp.fraud_found f WHERE f.alert_id = fraud_alerts.alert_id AND (fraud_alerts.withdrawn_commit IS NOT NULL OR fraud_alerts.observed <> f.observed OR fraud_alerts.event_ts <> f.event_ts)`);
  const { rowsChanged } = await connection.run(`UPDATE gold.fraud_alerts SET withdrawn_commit = ${position.commitId}
    WHERE withdrawn_commit IS NULL AND ${ofChunk} AND (rule_id, rule_version) IN (${versions}) AND alert_id NOT IN (SELECT alert_id FROM temp.fraud_found)`);
  return rowsChanged;
}

function newAlertsSql({ position, now, limits }: BookRequest): string {
  const columns = Object.keys(FOUND_COLUMNS).map((name) => `f.${name}`);
  const at = `TIMESTAMP ${literal(now.toISOString().replace('Z', ''))}`;
  const gtid = nullable(position.gtid);
  const told = `suppressed IS NULL AND mode = 'active' AND severity IN ('high', 'critical') AND event_ts > ${at} - INTERVAL ${NOTIFY_WITHIN_HOURS} HOUR`;
  return `INSERT INTO gold.fraud_alerts SELECT * EXCLUDE (reason, nth, suppressed), nextval('ops.fraud_alert_seq'), ${at}, ${position.commitId}, ${gtid}, ${told}, suppressed, NULL
FROM (SELECT *, CASE WHEN reason IS NOT NULL THEN reason WHEN nth > ${limits.roomSql('rule_id')} THEN '${GUARD}' END AS suppressed
  FROM (SELECT ${columns.join(', ')}, ${SUPPRESSED_SQL} AS reason, row_number() OVER (PARTITION BY f.rule_id ORDER BY f.event_ts, f.transaction_id) AS nth
    FROM temp.fraud_found f ANTI JOIN gold.fraud_alerts a ON a.alert_id = f.alert_id) ORDER BY event_ts, alert_id)`;
}

/** The decision about a movement is that of its most severe alert, its score the capped sum; throttled alerts count for neither. */
async function decide(connection: DuckDBConnection, { position, now }: BookRequest): Promise<void> {
  const touched = `(SELECT transaction_id FROM temp.fraud_chunk WHERE again UNION SELECT transaction_id FROM temp.fraud_found)`;
  const rank = (column: string): string => `list_position(['allow', 'review', 'decline', 'block'], ${column})`;
  await connection.run(`DELETE FROM gold.fraud_decisions WHERE transaction_id IN ${touched}`);
  await connection.run(`INSERT INTO gold.fraud_decisions
SELECT transaction_id, any_value(event_ts), any_value(customer_id), any_value(account_id), any_value(amount), any_value(currency),
  CASE WHEN bool_or(suppressed = 'allow') AND NOT bool_or(rule_id = '${DENY_RULE.rule}') THEN 'allow' ELSE arg_max(decision, ${rank('decision')}) END,
  CAST(least(sum(score), ${SCORE_MAX}) AS INTEGER), count(*), string_agg(DISTINCT rule_id, ', ' ORDER BY rule_id), coalesce(bool_or(suppressed = 'allow'), false),
  ${position.commitId}, TIMESTAMP ${literal(now.toISOString().replace('Z', ''))}
FROM gold.fraud_alerts WHERE transaction_id IN ${touched} AND mode = 'active' AND withdrawn_commit IS NULL AND suppressed IS DISTINCT FROM '${GUARD}' GROUP BY transaction_id`);
}
