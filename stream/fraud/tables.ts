// What the engine keeps. gold.fraud_alerts: one row per alert, never deleted. gold.fraud_decisions: one row per movement with an alert.
// ops.fraud_lists: allow, deny and snooze, each entry with its time; an entry is ended, never removed. ops.fraud_rates: evaluated movements and
// alerts by rule and hour of work, for the guard. ops.fraud_labels: movements that proved to be fraud, and when that was known.
// ops.fraud_produced: the last alert that is on the topic. ops.fraud_history: silver.transactions as the live job reads it (history.ts).

import { HISTORY_DDL } from './live/history.ts';
import { FOUND_COLUMNS } from './rule-sql.ts';

/** Columns that a run adds to what a rule found. */
const ALERT_COLUMNS = {
  alert_seq: 'BIGINT NOT NULL',
  detected_at: 'TIMESTAMP NOT NULL',
  commit_id: 'BIGINT NOT NULL',
  gtid: 'VARCHAR',
  notified: 'BOOLEAN NOT NULL',
  /** Why nobody was told: snooze, allow or throttle. */
  suppressed: 'VARCHAR',
  /** The commit whose changes took its reason away. */
  withdrawn_commit: 'BIGINT',
} as const;

const definitions = (columns: Readonly<Record<string, string>>): string =>
  Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ');

export const FRAUD_DDL = `
CREATE SEQUENCE IF NOT EXISTS ops.fraud_alert_seq;
CREATE TABLE IF NOT EXISTS gold.fraud_alerts (${definitions(FOUND_COLUMNS)}, ${definitions(ALERT_COLUMNS)});
CREATE TABLE IF NOT EXISTS gold.fraud_decisions (transaction_id VARCHAR NOT NULL, event_ts TIMESTAMP NOT NULL, customer_id VARCHAR, account_id VARCHAR, amount DECIMAL(28,8), currency VARCHAR,
  decision VARCHAR NOT NULL, score INTEGER NOT NULL, alerts INTEGER NOT NULL, rules VARCHAR NOT NULL, allowed BOOLEAN NOT NULL, commit_id BIGINT NOT NULL, decided_at TIMESTAMP NOT NULL);
CREATE TABLE IF NOT EXISTS ops.fraud_lists (entry_id BIGINT NOT NULL, list VARCHAR NOT NULL, rule_id VARCHAR, entity_type VARCHAR NOT NULL, entity_id VARCHAR NOT NULL, from_ts TIMESTAMP NOT NULL,
  until_ts TIMESTAMP, reason VARCHAR NOT NULL, added_by VARCHAR NOT NULL, ended_by VARCHAR);
CREATE TABLE IF NOT EXISTS ops.fraud_rates (hour TIMESTAMP NOT NULL, rule_id VARCHAR NOT NULL, evaluated BIGINT NOT NULL, alerts BIGINT NOT NULL, throttled BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS ops.fraud_labels (transaction_id VARCHAR NOT NULL, merchant_id VARCHAR, known_at TIMESTAMP NOT NULL, source VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS ops.fraud_produced (alert_seq BIGINT NOT NULL);
${HISTORY_DDL}`;
