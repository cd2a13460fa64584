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

export interface Evaluated {
  readonly now: Date;
  readonly evaluated: number;
  /** New ones; `since` is the alert_seq before them. */
  readonly alerts: number;
  readonly since: number;
  readonly rules: readonly string[];
}

/** Counts what was evaluated and what was alerted: one row an hour and rule. */
export async function countRates(connection: DuckDBConnection, { now, evaluated, alerts, since, rules }: Evaluated): Promise<void> {
  const hour = hourOf(now);
  const { rowsChanged } = await connection.run(`UPDATE ops.fraud_rates SET evaluated = evaluated + ${evaluated} WHERE hour = ${hour}`);
  if (rowsChanged === 0) await connection.run(`DELETE FROM ops.fraud_rates WHERE hour < ${hour} - INTERVAL ${RATES_KEPT_DAYS} DAY`);
  if (rowsChanged !== rules.length)
    await connection.run(`INSERT INTO ops.fraud_rates SELECT ${hour}, rule_id, ${evaluated}, 0, 0 FROM (VALUES ${rules.map((rule) => `(${literal(rule)})`).join(', ')}) AS r(rule_id)
    WHERE rule_id NOT IN (SELECT rule_id FROM ops.fraud_rates WHERE hour = ${hour})`);
  if (alerts === 0) return;
  await connection.run(`UPDATE ops.fraud_rates SET alerts = fraud_rates.alerts + n.alerts, throttled = fraud_rates.throttled + n.throttled
    FROM (SELECT rule_id, count(*) AS alerts, count(*) FILTER (suppressed = '${GUARD}') AS throttled FROM gold.fraud_alerts WHERE alert_seq > ${since} GROUP BY rule_id) n
    WHERE n.rule_id = fraud_rates.rule_id AND hour = ${hour}`);
}

/** Incidents of rules that throttle in this hour, and the end of those that do not any more. @returns rules that throttle */
export async function watchRates(connection: DuckDBConnection, now: Date): Promise<string[]> {
  const reader = await connection.runAndReadAll(
    `SELECT rule_id, evaluated, alerts, throttled FROM ops.fraud_rates WHERE hour = ${hourOf(now)} AND throttled > 0 ORDER BY 1`,
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
