// The guard against a rule gone wild: in an hour it may alert on so many movements, more when more are evaluated. Beyond, its alerts are
// kept but throttled: nobody is told, they decide nothing, and an incident is open until the rule keeps within its limit again.

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../../infra/runtime/sql-text.ts';
import { closeOthersSql, openIncidentSql } from '../../../lake/quality/incidents.ts';

export const GUARD = 'throttle';

/** A rule may always alert so often in an hour of work. */
export const ALERTS_PER_HOUR_MIN = 100;
/** Beyond, on so many of a thousand movements that were evaluated in that hour. */
export const ALERTS_PER_MILLE = 20;
const RATES_KEPT_DAYS = 30;

export interface RuleLimits {
  /** How many more alerts the rule may raise in this hour, as SQL. */
  readonly roomSql: (rule: string) => string;
}

const hourOf = (now: Date): string => `date_trunc('hour', TIMESTAMP ${literal(now.toISOString().replace('Z', ''))})`;

/** @param evaluated movements that are evaluated now, beside those of the hour before them */
export function limitsOf(now: Date, evaluated: number): RuleLimits {
  const ofHour = (rule: string, column: string): string =>
    `coalesce((SELECT sum(r.${column}) FROM ops.fraud_rates r WHERE r.hour = ${hourOf(now)} AND r.rule_id = ${rule}), 0)`;
  return {
    roomSql: (rule) =>
      `greatest(${ALERTS_PER_HOUR_MIN}, (${ofHour(rule, 'evaluated')} + ${evaluated}) * ${ALERTS_PER_MILLE} // 1000) - ${ofHour(rule, 'alerts')}`,
  };
}

/** Counts what was evaluated and what was alerted, by rule. @param since alert_seq before this evaluation */
export async function countRates(
  connection: DuckDBConnection,
  at: { now: Date; evaluated: number; since: number; rules: readonly string[] },
): Promise<void> {
  const rules = `(VALUES ${at.rules.map((rule) => `(${literal(rule)})`).join(', ')}) AS r(rule_id)`;
  await connection.run(`INSERT INTO ops.fraud_rates SELECT ${hourOf(at.now)}, r.rule_id, ${at.evaluated}, count(a.alert_id), count(a.alert_id) FILTER (a.suppressed = '${GUARD}')
    FROM ${rules} LEFT JOIN gold.fraud_alerts a ON a.rule_id = r.rule_id AND a.alert_seq > ${at.since} GROUP BY r.rule_id`);
}

/** One row an hour and rule, old hours away; incidents of rules that throttle, and the end of those that do not any more. @returns rules that throttle */
export async function watchRates(connection: DuckDBConnection, now: Date): Promise<string[]> {
  const hour = hourOf(now);
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE fraud_hour AS SELECT hour, rule_id, sum(evaluated) AS evaluated, sum(alerts) AS alerts, sum(throttled) AS throttled FROM ops.fraud_rates WHERE hour = ${hour} GROUP BY ALL`,
  );
  await connection.run(`DELETE FROM ops.fraud_rates WHERE hour = ${hour} OR hour < ${hour} - INTERVAL ${RATES_KEPT_DAYS} DAY`);
  await connection.run('INSERT INTO ops.fraud_rates FROM temp.fraud_hour');
  const reader = await connection.runAndReadAll(
    'SELECT rule_id, evaluated, alerts, throttled FROM temp.fraud_hour WHERE throttled > 0 ORDER BY 1',
  );
  const wild = reader.getRows().map(([rule, evaluated, alerts, throttled]) => ({
    rule: rule as string,
    evaluated: Number(evaluated),
    alerts: Number(alerts),
    throttled: Number(throttled),
  }));
  for (const { rule, evaluated, alerts, throttled } of wild) {
    const summary = `the rule ${rule} raised ${alerts} alerts on ${evaluated} movements within the hour, ${throttled} of them throttled`;
    const detail = `expected: at most ${ALERTS_PER_HOUR_MIN} an hour or ${ALERTS_PER_MILLE} of a thousand movements; the alerts are in gold.fraud_alerts with suppressed = '${GUARD}'`;
    await connection.run(
      openIncidentSql({
        code: 'LF_FRAUD_RULE_WILD',
        severity: 'page',
        subject: rule,
        summary,
        detail,
        rows: [],
        dimension: null,
        table: null,
      }),
    );
  }
  const still = wild.map(({ rule }) => literal(rule)).join(', ');
  await connection.run(closeOthersSql('LF_FRAUD_RULE_WILD', still));
  return wild.map(({ rule }) => rule);
}
