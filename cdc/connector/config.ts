// The connector's configuration as reviewed code: every setting that is not Debezium's default has its reason beside it.
// Figures are measured on two cores. How values look in the envelope: docs/types.md.

import { policySettings } from '../privacy/connector-part.ts';
import type { Policies } from '../privacy/policy.ts';
import { notificationTopic } from './topic-names.ts';

export interface ConnectorOptions {
  readonly mysqlHost: string;
  readonly mysqlPort: number;
  readonly mysqlUser: string;
  readonly mysqlPassword: string;
  /** The captured MySQL database. */
  readonly database: string;
  readonly topicPrefix: string;
  readonly brokers: string;
  /** Replication server id of the connector; must be unique among the replicas of the MySQL server. */
  readonly serverId?: number;
  readonly topicPartitions?: number;
  /** Tables that a person has left out, besides EXCLUDED_TABLES. */
  readonly excludeTables?: readonly string[];
  /** Tables that the snapshot reads with a SELECT of their own (snapshot-select.ts): table → statement. */
  readonly snapshotSelects?: Readonly<Record<string, string>>;
  /** What the converters write; avro needs the address of the registry. */
  readonly format?: 'json' | 'avro';
  readonly registryUrl?: string | undefined;
  /** What must not reach Kafka as it is, and the salt of its hashes. */
  readonly privacy?: { readonly policies: Policies; readonly salt: string } | undefined;
  /** Skips DDL that Debezium cannot parse (CREATE SPATIAL REFERENCE SYSTEM): only to get past such a statement, then off again. */
  readonly skipUnparseableDdl?: boolean;
}

/** Tables of the captured database that are never captured: bookkeeping, answers kept for replays, the audit's packed copy of
 * captured rows, everything secret, and how far a synthetic world is written. */
export const EXCLUDED_TABLES: readonly string[] = [
  'schema_migrations',
  'idempotency_keys',
  'audit_evidence',
  'users', // these six: in a database of their own since migration 020, but older binlogs have them here
  'user_credentials',
  'login_attempts',
  'user_sessions',
  'refresh_tokens',
  'service_keys',
  'generator_worlds',
  'generator_blocks',
  'generator_lanes',
];

/** Table the connector watches for signals (incremental snapshots); it is captured like any other table. */
export const SIGNAL_TABLE = 'debezium_signal';

const DEFAULT_SERVER_ID = 5_401;

/** Complete configuration for `PUT /connectors/<name>/config`; Kafka Connect wants every value as a string. */
export function connectorConfig(options: ConnectorOptions): Record<string, string> {
  return {
    ...sourceSettings(options),
    ...valueSettings(),
    ...(options.format === 'avro' ? avroSettings(options.registryUrl ?? '') : jsonSettings()),
    ...failureSettings(),
    ...latencySettings(),
    ...topicSettings(options),
    ...(options.privacy === undefined ? {} : policySettings(options.privacy.policies, options.database, options.privacy.salt)),
  };
}

/** Where to read and what to capture. */
function sourceSettings(options: ConnectorOptions): Record<string, string> {
  const database = regexQuote(options.database);
  return {
    'connector.class': 'io.debezium.connector.mysql.MySqlConnector',
    'tasks.max': '1', // one binlog, one order: the cut depends on it
    'database.hostname': options.mysqlHost,
    'database.port': String(options.mysqlPort),
    'database.user': options.mysqlUser,
    'database.password': options.mysqlPassword,
    'database.server.id': String(options.serverId ?? DEFAULT_SERVER_ID),
    'database.ssl.mode': 'preferred',
    'database.include.list': database,
    'table.exclude.list': [...EXCLUDED_TABLES, ...(options.excludeTables ?? [])]
      .map((table) => `${database}\\.${regexQuote(table)}`)
      .join(','),
    'topic.prefix': options.topicPrefix,
    'schema.history.internal.kafka.bootstrap.servers': options.brokers,
    'schema.history.internal.kafka.topic': `${options.topicPrefix}.schema-history`,
    'schema.history.internal.store.only.captured.databases.ddl': 'true', // other databases' DDL is none of our business
    'schema.history.internal.skip.unparseable.ddl': String(options.skipUnparseableDdl ?? false),
    'include.schema.changes': 'true', // silver's column types come from these events
    'snapshot.mode': 'initial',
    // Text protocol, streamed row by row: with a server-side cursor (any snapshot.fetch.size) the snapshot loses the sign and
    // fraction of TIME and fails on VECTOR. Some columns then need a SELECT of their own: snapshot-select.ts.
    'driver.useCursorFetch': 'false',
    ...snapshotOverrides(options),
    'snapshot.locking.mode': 'minimal', // global read lock only while the schema is read; rows come from one consistent-read transaction
    'provide.transaction.metadata': 'true', // BEGIN/END and total_order make whole transactions visible; costs a quarter of the rate
    'signal.data.collection': `${options.database}.${SIGNAL_TABLE}`,
    'signal.enabled.channels': 'source',
    // How a re-snapshot of a table ended is told here; the rows themselves come through the table's topic.
    'notification.enabled.channels': 'sink',
    'notification.sink.topic.name': notificationTopic(options.topicPrefix),
    'incremental.snapshot.chunk.size': '4096',
  };
}

function snapshotOverrides({ database, snapshotSelects }: ConnectorOptions): Record<string, string> {
  const selects = Object.entries(snapshotSelects ?? {}).map(
    ([table, select]) => [`${tableId(database)}.${tableId(table)}`, select] as const,
  );
  if (selects.length === 0) return {};
  return {
    'snapshot.select.statement.overrides': selects.map(([id]) => id).join(','),
    ...Object.fromEntries(selects.map(([id, select]) => [`snapshot.select.statement.overrides.${id}`, select])),
  };
}

/** A name as Debezium reads table ids: in double quotes where it is not plain. Names with a comma cannot be in a list (source-table.ts refuses them). */
function tableId(name: string): string {
  return /^\w+$/.test(name) ? name : `"${name}"`;
}

/** How values are written: forms from which the exact MySQL value can be restored. */
function valueSettings(): Record<string, string> {
  return {
    'decimal.handling.mode': 'string', // exact; the default is base64 of an unscaled integer, 'double' loses digits
    'bigint.unsigned.handling.mode': 'long', // the same 64 bits, signed; 'precise' would be base64, also inside keys
    'time.precision.mode': 'adaptive_time_microseconds', // TIME keeps its sign, hours beyond 24 and fraction; 'isostring' loses them
    'enable.time.adjuster': 'false', // the default turns the year 0001 into 2001
    'binary.handling.mode': 'hex',
  };
}

function jsonSettings(): Record<string, string> {
  return bothConverters({
    '': 'org.apache.kafka.connect.json.JsonConverter',
    '.schemas.enable': 'false',
    // The converter's default writes a column's DEFAULT in place of NULL. Streamed events then have "snapshot":null for 'false'.
    '.replace.null.with.default': 'false',
  });
}

/**
 * Apicurio's converter (in Debezium's Connect image with ENABLE_APICURIO_CONVERTERS=true), in Confluent's wire format: byte 0 and the
 * id as the Confluent API knows it. It writes a column's DEFAULT in place of NULL whatever one sets; the codec refuses such columns.
 */
function avroSettings(registryUrl: string): Record<string, string> {
  return {
    ...bothConverters({
      '': 'io.apicurio.registry.utils.converter.AvroConverter',
      '.apicurio.registry.url': registryUrl.replace(/\/apis\/ccompat\/v\d+\/?$/, '/apis/registry/v3'), // its own API beside Confluent's
      '.apicurio.registry.auto-register': 'true',
      '.apicurio.registry.auto-register.if-exists': 'FIND_OR_CREATE_VERSION',
      '.apicurio.registry.id-handler': 'io.apicurio.registry.serde.Default4ByteIdHandler',
      '.apicurio.registry.use-id': 'contentId',
      '.apicurio.registry.headers.enabled': 'false',
    }),
    'schema.name.adjustment.mode': 'avro',
    'field.name.adjustment.mode': 'avro_unicode', // reversible; with 'avro' the columns a-b and a_b would be one
  };
}

function bothConverters(settings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    ['key.converter', 'value.converter'].flatMap((converter) => Object.entries(settings).map(([name, value]) => [converter + name, value])),
  );
}

/** Nothing is skipped, dropped or turned into NULL: the connector stops instead, and status.ts raises the alarm. */
function failureSettings(): Record<string, string> {
  return {
    'event.converting.failure.handling.mode': 'fail', // the default 'warn' writes NULL for a value that cannot be converted
    'event.processing.failure.handling.mode': 'fail',
    'inconsistent.schema.handling.mode': 'fail',
    'skipped.operations': 'none', // the default skips TRUNCATE
    'tombstones.on.delete': 'true',
    'errors.tolerance': 'none',
  };
}

/** Commit to consumer: p50/p99 13/23 ms with these, 485/510 ms with the defaults. */
function latencySettings(): Record<string, string> {
  return {
    'poll.interval.ms': '5',
    'max.batch.size': '8192',
    'max.queue.size': '32768',
    'extended.headers.enabled': 'false', // four headers a record that nobody reads
    // After a MySQL restart nothing is read until the keep-alive acts: 110 s by default, 0.4 s with this.
    'connect.keep.alive': 'true',
    'connect.keep.alive.interval.ms': '2000',
    // Advances the committed source offset on an idle server. No action query: it fails for good after a MySQL restart.
    'heartbeat.interval.ms': '1000',
    'producer.override.compression.type': 'lz4',
    'producer.override.linger.ms': '2',
    'producer.override.batch.size': '262144',
    'producer.override.buffer.memory': '67108864',
    'producer.override.max.request.size': '16777216', // a row of 16 MB (max_allowed_packet class) must not kill the task
    'producer.override.acks': 'all',
    'producer.override.enable.idempotence': 'true',
  };
}

/** Topics made by Connect itself (a table created later); topics.ts makes the others with the same settings. */
function topicSettings(options: ConnectorOptions): Record<string, string> {
  return {
    'topic.creation.default.replication.factor': '-1', // the broker's default
    'topic.creation.default.partitions': String(options.topicPartitions ?? 1),
    'topic.creation.default.cleanup.policy': 'delete', // compaction would destroy replay
    'topic.creation.default.retention.ms': '-1',
    'topic.creation.default.max.message.bytes': '16777216',
  };
}

/** Debezium's lists are anchored regular expressions. */
function regexQuote(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|,]/g, '\\$&');
}
