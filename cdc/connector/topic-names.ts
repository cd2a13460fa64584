// Topic names as Debezium makes them. Characters that Kafka does not allow become '_', so a name is mapped forwards, never split.

const NOT_ALLOWED = /[^A-Za-z0-9._-]/g;

export interface TopicScheme {
  readonly prefix: string;
  readonly database: string;
}

export function tableTopic(scheme: TopicScheme, table: string): string {
  return `${scheme.prefix}.${scheme.database}.${table}`.replace(NOT_ALLOWED, '_');
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

/** Tables whose topics would be the same one. */
export function collidingTables(scheme: TopicScheme, tables: readonly string[]): string[][] {
  const byTopic = new Map<string, string[]>();
  for (const table of tables) {
    const topic = tableTopic(scheme, table);
    byTopic.set(topic, [...(byTopic.get(topic) ?? []), table]);
  }
  return [...byTopic.values()].filter((group) => group.length > 1);
}
