// Fraud: what the rules find, how the cases go, and what their outcomes say of the rules.

import { buildDashboard, choices, type Board, type Section } from './layout.ts';
import { series, stat, table, UNIT } from './panels.ts';

const CHOSEN = 'rule_id IN (${rule:sqlstring})';

const rules = choices('rule', 'Rule', 'SELECT DISTINCT rule_id FROM gold.fraud_alerts ORDER BY rule_id');

const queue: Section = {
  title: 'The queue, as of now',
  rows: [
    [
      stat({
        title: 'Open',
        about: 'Alerts nobody looks after yet. gold.fraud_queue',
        unit: UNIT.count,
        w: 5,
        sql: `SELECT count(*) AS alerts FROM gold.fraud_queue WHERE state = 'open' AND ${CHOSEN}`,
      }),
      stat({
        title: 'Acknowledged',
        about: 'Alerts somebody looks after, not closed. gold.fraud_queue',
        unit: UNIT.count,
        w: 5,
        sql: `SELECT count(*) AS alerts FROM gold.fraud_queue WHERE state = 'acknowledged' AND ${CHOSEN}`,
      }),
      stat({
        title: 'Oldest not closed',
        about: 'Time since the oldest alert that is not closed was raised. gold.fraud_queue',
        unit: UNIT.seconds,
        w: 5,
        sql: `SELECT coalesce(max(extract(epoch from now()) - extract(epoch from detected_at)), 0) AS age FROM gold.fraud_queue WHERE state <> 'closed' AND ${CHOSEN}`,
      }),
      stat({
        title: 'Precision of outcomes',
        about: 'Confirmed / (confirmed + false positive) of all closed alerts; inconclusive ones do not count. gold.fraud_queue',
        unit: UNIT.share,
        decimals: 1,
        w: 5,
        sql: `SELECT count(*) FILTER (WHERE outcome = 'confirmed')::double precision / nullif(count(*) FILTER (WHERE outcome IN ('confirmed', 'false_positive')), 0) AS share
          FROM gold.fraud_queue WHERE ${CHOSEN}`,
      }),
      stat({
        title: 'Alerts of draft rules',
        about: 'Alerts of rules in shadow mode in the time range: kept for comparison, nobody is told. gold.fraud_alerts',
        unit: UNIT.count,
        w: 4,
        sql: `SELECT count(*) AS alerts FROM gold.fraud_alerts WHERE mode = 'shadow' AND $__timeFilter(event_ts) AND ${CHOSEN}`,
      }),
    ],
  ],
};

const alerts: Section = {
  title: 'Alerts in the time range',
  rows: [
    [
      series({
        title: 'Alerts by rule',
        about: 'By time of the movement, live rules. gold.fraud_alerts',
        unit: UNIT.count,
        style: 'stacked bars',
        w: 12,
        sql: `SELECT $__timeGroup(event_ts, $__interval) AS "time", rule_id AS metric, count(*)::bigint AS alerts FROM gold.fraud_alerts
          WHERE mode = 'active' AND $__timeFilter(event_ts) AND ${CHOSEN} GROUP BY 1, 2 ORDER BY 1, 2`,
      }),
      series({
        title: 'Alerts by decision',
        about: 'What the rule asks for: allow, review, decline or block. gold.fraud_alerts',
        unit: UNIT.count,
        style: 'stacked bars',
        w: 12,
        sql: `SELECT $__timeGroup(event_ts, $__interval) AS "time", decision AS metric, count(*)::bigint AS alerts FROM gold.fraud_alerts
          WHERE mode = 'active' AND $__timeFilter(event_ts) AND ${CHOSEN} GROUP BY 1, 2 ORDER BY 1, 2`,
      }),
    ],
    [
      table({
        title: 'Rules',
        about: 'Alerts and outcomes by rule and version; precision is confirmed of those that were decided. gold.fraud_rule_precision',
        unit: UNIT.count,
        w: 12,
        h: 10,
        columns: { precision: UNIT.share },
        sql: `SELECT rule_id || '@' || rule_version AS rule, alerts, open, acknowledged, confirmed, false_positive AS "false positive", inconclusive, "precision"
          FROM gold.fraud_rule_precision WHERE ${CHOSEN} ORDER BY alerts DESC, rule`,
      }),
      table({
        title: 'Customers with the most alerts',
        about: 'Customers by alerts in the time range, with the number of rules that found them. gold.fraud_queue',
        unit: UNIT.count,
        w: 12,
        h: 10,
        sql: `SELECT customer_id AS customer, count(*) AS alerts, count(DISTINCT rule_id) AS rules, count(*) FILTER (WHERE state <> 'closed') AS "not closed", count(*) FILTER (WHERE outcome = 'confirmed') AS confirmed
          FROM gold.fraud_queue WHERE $__timeFilter(event_ts) AND ${CHOSEN} AND customer_id IS NOT NULL GROUP BY customer_id ORDER BY alerts DESC, customer LIMIT 25`,
      }),
    ],
    [
      table({
        title: 'Newest alerts',
        about: 'The last 50 with their state and explanation; the operator page works on them. gold.fraud_queue',
        unit: UNIT.count,
        w: 24,
        h: 11,
        columns: { amount: UNIT.money },
        sql: `SELECT event_ts AS "when", severity, rule_id AS rule, entity_type || ' ' || entity_id AS entity, amount, currency, state, outcome, assignee, explanation
          FROM gold.fraud_queue WHERE $__timeFilter(event_ts) AND ${CHOSEN} ORDER BY event_ts DESC, alert_id LIMIT 50`,
      }),
    ],
  ],
};

export function fraud(): Board {
  return buildDashboard({
    uid: 'lf-fraud',
    title: 'Fraud',
    about: 'Alerts, cases, and what their outcomes say of the rules.',
    from: 'now-30d',
    refresh: '30s',
    variables: [rules],
    sections: [queue, alerts],
  });
}
