// Topic names as Debezium makes them. Characters that Kafka does not allow become '_', so a name is mapped forwards, never split.

const NOT_ALLOWED = /[^A-Za-z0-9._-]/g;

export interface TopicScheme {
  readonly prefix: string;
  readonly database: string;
}

export function tableTopic(scheme: TopicScheme, table: string): string {
  return topicPart(`${scheme.prefix}.${scheme.database}.${table}`);
}

/** What stands for a database, a table, or both with a point between, in a topic's name. */
export function topicPart(name: string): string {
  return name.replace(NOT_ALLOWED, '_');
}

export function transactionTopic(prefix: string): string {
  return `${prefix}.transaction`;
}

/** DDL events. */
export function schemaTopic(prefix: string): string {
  return prefix;
}

/** Debezium's private record of DDL; finite retention would stop the connector at its next restart. */
export function schemaHistoryTopic(prefix: string): string {
  return `${prefix}.schema-history`;
}

export function heartbeatTopic(prefix: string): string {
  return `__debezium-heartbeat.${prefix}`;
}

/** Records that could not be applied, with their cause and origin in the headers. */
export const DEAD_LETTER_TOPIC = 'ledgerflow.dlq';

/** Fraud alerts, keyed by their id. */
export const ALERT_TOPIC = 'ledgerflow.alerts';

/** Progress and end of incremental snapshots. */
export function notificationTopic(prefix: string): string {
  return `${prefix}.notification`;
}

/**
 * Tables that cannot all have a topic of their own: their topics would be the same one, or differ by point and underscore only, which
 * Kafka refuses because its metrics cannot tell them apart.
 */
export function collidingTables(tables: readonly string[]): string[][] {
  const byTopic = new Map<string, string[]>();
  for (const table of tables) {
    const name = topicPart(table).replaceAll('.', '_');
    byTopic.set(name, [...(byTopic.get(name) ?? []), table]);
  }
  return [...byTopic.values()].filter((group) => group.length > 1);
}
