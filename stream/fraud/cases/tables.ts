// Tables and views of case work: ops.fraud_alert_events (rows are added, never changed), gold.fraud_queue, gold.fraud_rule_precision.

/** Row `seq` of an alert says where it stands from then on. */
export const CASES_DDL = `
CREATE TABLE IF NOT EXISTS ops.fraud_alert_events (alert_id VARCHAR NOT NULL, seq INTEGER NOT NULL, actor VARCHAR NOT NULL, done_at TIMESTAMPTZ NOT NULL, action VARCHAR NOT NULL,
  from_state VARCHAR NOT NULL, to_state VARCHAR NOT NULL, outcome VARCHAR, assignee VARCHAR, note VARCHAR, PRIMARY KEY (alert_id, seq));
CREATE OR REPLACE VIEW gold.fraud_queue AS
SELECT a.*, coalesce(e.state, 'open') AS state, e.outcome, e.assignee, coalesce(e.events, 0) AS events, e.note, e.acknowledged_at, e.closed_at, e.closed_by
FROM gold.fraud_alerts a LEFT JOIN (
  SELECT alert_id, arg_max(to_state, seq) AS state, arg_max_null(outcome, seq) AS outcome, arg_max_null(assignee, seq) AS assignee, count(*) AS events, arg_max(note, seq) AS note,
    min(done_at) FILTER (action = 'acknowledge') AT TIME ZONE 'UTC' AS acknowledged_at, min(done_at) FILTER (action = 'close') AT TIME ZONE 'UTC' AS closed_at,
    arg_max(actor, seq) FILTER (action IN ('close', 'correct')) AS closed_by
  FROM ops.fraud_alert_events GROUP BY alert_id) e ON e.alert_id = a.alert_id
WHERE a.mode = 'active';
CREATE OR REPLACE VIEW gold.fraud_rule_precision AS
SELECT rule_id, rule_version, count(*) AS alerts, count(*) FILTER (state = 'open') AS open, count(*) FILTER (state = 'acknowledged') AS acknowledged,
  count(*) FILTER (outcome = 'confirmed') AS confirmed, count(*) FILTER (outcome = 'false_positive') AS false_positive, count(*) FILTER (outcome = 'inconclusive') AS inconclusive,
  count(*) FILTER (outcome = 'confirmed') / nullif(count(*) FILTER (outcome IN ('confirmed', 'false_positive')), 0) AS "precision"
FROM gold.fraud_queue GROUP BY rule_id, rule_version;
`;
