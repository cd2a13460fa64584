// Alerts that somebody must see become notifications: one incident per rule that alerted within the last hour, told through the same sinks as
// every other, so that a wave of alerts is one message and not a thousand.

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../../infra/runtime/sql-text.ts';
import { closeOthersSql, openIncidentSql } from '../../../lake/quality/incidents.ts';

const OPEN_MINUTES = 60;
const ROWS_MAX = 5;

/** Opens, renews and closes the incidents of alerts, in the run's transaction. */
export async function tellAlerts(connection: DuckDBConnection, now: Date): Promise<void> {
  const since = `TIMESTAMP ${literal(now.toISOString().replace('Z', ''))} - INTERVAL ${OPEN_MINUTES} MINUTE`;
  const reader =
    await connection.runAndReadAll(`SELECT rule_id, count(*), max(severity = 'critical'), arg_max(entity_type || ' ' || entity_id || ': ' || explanation, alert_seq),
    to_json(list({'alert_id': alert_id, 'transaction_id': transaction_id, 'entity_id': entity_id} ORDER BY alert_seq DESC)[1:${ROWS_MAX}])::VARCHAR
    FROM gold.fraud_alerts WHERE notified AND withdrawn_commit IS NULL AND detected_at > ${since} GROUP BY rule_id`);
  for (const [rule, count, critical, newest, rows] of reader.getRows()) {
    const finding = {
      ...({ code: 'LF_FRAUD_ALERTS', severity: critical === true ? 'page' : 'warn', subject: rule as string } as const),
      summary: `${String(count)} alerts of ${rule as string} within the hour, the last one of ${newest as string}`,
      detail: 'expected: somebody looks at them in the alert queue; closes when the rule was silent for an hour',
      ...{ rows: (JSON.parse(rows as string) as object[]).map((row) => JSON.stringify(row)), dimension: null, table: null },
    };
    await connection.run(openIncidentSql(finding));
  }
  const alerting = `SELECT rule_id FROM gold.fraud_alerts WHERE notified AND withdrawn_commit IS NULL AND detected_at > ${since}`;
  await connection.run(closeOthersSql('LF_FRAUD_ALERTS', alerting));
}
