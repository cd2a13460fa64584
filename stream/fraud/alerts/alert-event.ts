// One record of the topic of alerts: the event alert_created, keyed by the alert's id. In Avro with a schema registry, else in JSON.

import type { Schema } from 'avsc';
import type { OwnTopic } from '../../../cdc/codec/encode.ts';
import { ALERT_TOPIC } from '../../../cdc/connector/topic-names.ts';

const text = (name: string, doc?: string): object => ({ name, type: 'string', ...(doc === undefined ? {} : { doc }) });
const optional = (name: string, doc?: string): object => ({ ...text(name, doc), type: ['null', 'string'], default: null });

/** Columns of gold.fraud_alerts in the record, in order, with how they are read as text. */
export const ALERT_FIELDS = {
  alert_id: 'alert_id',
  rule_id: 'rule_id',
  rule_version: 'rule_version::VARCHAR',
  mode: 'mode',
  severity: 'severity',
  score: 'score::VARCHAR',
  decision: 'decision',
  entity_type: 'entity_type',
  entity_id: 'entity_id',
  customer_id: 'customer_id',
  account_id: 'account_id',
  transaction_id: 'transaction_id',
  amount: 'amount::VARCHAR',
  currency: 'currency',
  event_ts: `strftime(event_ts, '%Y-%m-%dT%H:%M:%S.%fZ')`,
  detected_at: `strftime(detected_at, '%Y-%m-%dT%H:%M:%S.%fZ')`,
  explanation: 'explanation',
  observed: 'observed',
  suppressed: 'suppressed',
  commit_id: 'commit_id::VARCHAR',
  gtid: 'gtid',
} as const;

export type AlertTexts = Readonly<Record<keyof typeof ALERT_FIELDS, string | null>>;

export const ALERTS: OwnTopic = {
  topic: ALERT_TOPIC,
  schema: {
    type: 'record',
    name: 'FraudAlert',
    namespace: 'ledgerflow',
    doc: 'A fraud alert. It may come more than once: alert_id is its identity.',
    fields: [
      text('event', 'alert_created'),
      text('alert_id'),
      text('rule_id'),
      { name: 'rule_version', type: 'int' },
      text('mode', 'active, or shadow: a rule that is tried out'),
      text('severity'),
      { name: 'score', type: 'int' },
      text('decision', 'allow, review, decline or block'),
      text('entity_type'),
      text('entity_id'),
      optional('customer_id'),
      optional('account_id'),
      text('transaction_id'),
      optional('amount', 'decimal text'),
      optional('currency'),
      text('event_ts', 'ISO 8601, UTC'),
      text('detected_at', 'ISO 8601, UTC'),
      text('explanation'),
      text('observed', 'JSON'),
      optional('suppressed', 'why nobody is told: snooze, allow or throttle'),
      { name: 'commit_id', type: 'long' },
      optional('gtid'),
    ],
  } as unknown as Schema,
};

/** The fields of the topic's schema. */
export function alertEvent(alert: AlertTexts): object {
  return {
    ...{ event: 'alert_created', ...alert },
    ...{ rule_version: Number(alert.rule_version), score: Number(alert.score), commit_id: BigInt(alert.commit_id ?? 0) },
  };
}
