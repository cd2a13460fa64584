// Every setting of the product, declared once: environment name, type, default, help.
// The name in ledgerflow.config.json is the camelCase key; help text and docs/configuration.md are generated from here.

import { z } from 'zod';
import { port, positive, setting } from './setting.ts';
import { BANK_LOGIN_SETTINGS } from './settings-bank-login.ts';
import { FRAUD_SETTINGS } from './settings-fraud.ts';
import { GUARD_SETTINGS } from './settings-guard.ts';
import { WIRE_SETTINGS } from './settings-wire.ts';

export const SETTINGS = {
  home: setting('LEDGERFLOW_HOME', z.string().default('.ledgerflow'), 'Folder of all state: databases, logs, the lake.'),
  cache: setting(
    'LEDGERFLOW_CACHE',
    z.string().optional(),
    'Folder of downloaded parts, shared by all homes (default: the user cache folder).',
  ),
  mysqlUrl: setting(
    'LEDGERFLOW_MYSQL_URL',
    z.url({ protocol: /^mysql$/ }).optional(),
    'Use this MySQL server (mysql://user:password@host:port) instead of starting one.',
    true,
  ),
  mysqlPort: setting(
    'LEDGERFLOW_MYSQL_PORT',
    port.default(3306),
    'Preferred port of the MySQL that is started; the next free one is taken when in use.',
  ),
  mysqlDatabase: setting('LEDGERFLOW_MYSQL_DATABASE', z.string().default('bank'), 'The captured MySQL database.'),
  excludeTables: setting(
    'LEDGERFLOW_EXCLUDE_TABLES',
    z
      .union([z.array(z.string()), z.string().transform((text) => text.split(',').map((name) => name.trim()))])
      .default([])
      .transform((names) => names.filter((name) => name !== '')),
    'Tables of the database that are left out, comma-separated; `ledgerflow backfill --table T` takes in one that is not any more.',
  ),
  kafkaBrokers: setting(
    'LEDGERFLOW_KAFKA_BROKERS',
    z.string().optional(),
    'Use these brokers (host:port,host:port) instead of starting one.',
  ),
  kafkaPort: setting('LEDGERFLOW_KAFKA_PORT', port.default(9092), 'Preferred port of the broker that is started.'),
  connectUrl: setting('LEDGERFLOW_CONNECT_URL', z.url().optional(), 'Use this Kafka Connect REST address instead of starting one.'),
  connectPort: setting('LEDGERFLOW_CONNECT_PORT', port.default(8083), 'Preferred port of the Connect REST interface that is started.'),
  topicPrefix: setting(
    'LEDGERFLOW_TOPIC_PREFIX',
    z
      .string()
      .regex(/^[A-Za-z0-9_.-]+$/)
      .default('bank_server'),
    "Debezium's topic.prefix.",
  ),
  format: setting(
    'LEDGERFLOW_FORMAT',
    z.enum(['json', 'avro']).default('json'),
    'What the connector writes. Both are read, message by message; avro needs a registry and a Connect with its converter (docs/avro.md).',
  ),
  registryUrl: setting(
    'LEDGERFLOW_REGISTRY_URL',
    z.url({ protocol: /^https?$/ }).optional(),
    "Address of a schema registry with Confluent's API, for example http://host:8080/apis/ccompat/v7; user:password@ may stand in it.",
    true,
  ),
  connectorName: setting('LEDGERFLOW_CONNECTOR', z.string().default('ledgerflow-bank'), 'Name of the connector in Kafka Connect.'),
  ...WIRE_SETTINGS,
  metricsHost: setting('LEDGERFLOW_METRICS_HOST', z.string().default('127.0.0.1'), 'Address of /metrics, /health and /ready.'),
  metricsPort: setting('LEDGERFLOW_METRICS_PORT', port.default(9464), 'Preferred port of /metrics, /health and /ready.'),
  exportIntervalMs: setting(
    'LEDGERFLOW_EXPORT_INTERVAL_MS',
    positive.default(15_000),
    'Time between two reads of the figures of MySQL, Kafka and Connect for /metrics.',
  ),
  bankHost: setting('LEDGERFLOW_BANK_HOST', z.string().default('127.0.0.1'), 'Address the bank API listens on.'),
  bankPort: setting('LEDGERFLOW_BANK_PORT', port.default(8000), 'Preferred port of the bank API; the next free one is taken when in use.'),
  dashboardsHost: setting('LEDGERFLOW_DASHBOARDS_HOST', z.string().default('127.0.0.1'), 'Address the web dashboards listen on.'),
  dashboardsPort: setting(
    'LEDGERFLOW_DASHBOARDS_PORT',
    port.default(3001),
    'Preferred port of the web dashboards; the next free one is taken when in use.',
  ),
  reconHost: setting('LEDGERFLOW_RECON_HOST', z.string().default('127.0.0.1'), 'Address the reconciliation API listens on.'),
  reconPort: setting(
    'LEDGERFLOW_RECON_PORT',
    port.default(8002),
    'Preferred port of the reconciliation API; the next free one is taken when in use.',
  ),
  bankExecution: setting(
    'LEDGERFLOW_BANK_EXECUTION',
    z.enum(['grouped', 'single']).default('grouped'),
    'How the ledger executes: grouped runs the requests that queued meanwhile in one database transaction; single gives each its own. Same outcome.',
  ),
  auditIntervalMs: setting(
    'LEDGERFLOW_AUDIT_INTERVAL_MS',
    positive.default(10_000),
    'Time between two rounds of the bank service that seal posted transactions in the audit chain.',
  ),
  bankCheckIntervalMs: setting(
    'LEDGERFLOW_BANK_CHECK_INTERVAL_MS',
    positive.default(900_000),
    'Time between two checks of the bank service that every cached balance follows from its entries; each reads all entries once.',
  ),
  marketIntervalMs: setting(
    'LEDGERFLOW_MARKET_INTERVAL_MS',
    positive.default(60_000),
    'Time between two simulated prices of an instrument; each stands for five minutes of the market.',
  ),
  marketSeed: setting('LEDGERFLOW_MARKET_SEED', z.coerce.number().int().min(0).default(1), 'What decides the simulated prices.'),
  ...BANK_LOGIN_SETTINGS,
  storeMemoryMb: setting('LEDGERFLOW_STORE_MEMORY_MB', positive.default(1_024), "DuckDB's memory limit in MiB."),
  storeThreads: setting(
    'LEDGERFLOW_STORE_THREADS',
    positive.default(1),
    "DuckDB's threads per query; several queries run at once, and one thread each measured fastest on two cores.",
  ),
  batchRowsMax: setting(
    'LEDGERFLOW_BATCH_ROWS_MAX',
    positive.default(16_000),
    'Change events in one commit at most (a larger transaction is still one commit).',
  ),
  stagedRowsMax: setting('LEDGERFLOW_STAGED_ROWS_MAX', positive.default(30_000), 'Messages staged per partition before fetching pauses.'),
  stagedMb: setting(
    'LEDGERFLOW_STAGED_MB',
    positive.default(256),
    'Memory in MiB of all staged messages before fetching pauses; what must be read nevertheless, as a transaction of millions of rows, lies in files beyond it.',
  ),
  commitIntervalMs: setting(
    'LEDGERFLOW_COMMIT_INTERVAL_MS',
    z.coerce.number().int().min(0).default(50),
    'Time between two commits under load at most: a lone change is committed at once, and quick commits follow each other sooner.',
  ),
  foldRows: setting('LEDGERFLOW_FOLD_ROWS', positive.default(100_000), 'Superseded rows pending before they are folded into history.'),
  diskReserveMb: setting(
    'LEDGERFLOW_DISK_RESERVE_MB',
    positive.default(256),
    'With less free space than this (MiB) on the disk of the store or the lake the processor takes nothing more until there is room.',
  ),
  segmentRows: setting(
    'LEDGERFLOW_SEGMENT_ROWS',
    positive.default(20_000),
    'Bronze rows in the tail before they are rolled into a Parquet segment.',
  ),
  parkedPerMinuteMax: setting(
    'LEDGERFLOW_PARKED_PER_MINUTE_MAX',
    positive.default(10_000),
    'Records parked within a minute before ingestion pauses until the minute has passed (LF_PARKED_FLOOD).',
  ),
  parkedTotalMax: setting(
    'LEDGERFLOW_PARKED_TOTAL_MAX',
    positive.default(100_000),
    'Records parked and not dealt with before ingestion pauses until some are re-driven or discarded; their keys are kept in memory.',
  ),
  parkedMbMax: setting(
    'LEDGERFLOW_PARKED_MB_MAX',
    positive.default(1_024),
    'MiB of values parked and not dealt with before ingestion pauses until some are re-driven or discarded.',
  ),
  parkedResolvedMax: setting(
    'LEDGERFLOW_PARKED_RESOLVED_MAX',
    positive.default(100_000),
    'Parked records that were dealt with and stay in ops.parked; older ones are removed at a checkpoint (bronze keeps their bytes).',
  ),
  ...GUARD_SETTINGS,
  ...FRAUD_SETTINGS,
  goldVerifyIntervalMs: setting(
    'LEDGERFLOW_GOLD_VERIFY_INTERVAL_MS',
    positive.default(3_600_000),
    'Time between two runs of every check over all of gold; each refresh checks what it changes.',
  ),
  publishIntervalMs: setting('LEDGERFLOW_PUBLISH_INTERVAL_MS', positive.default(10_000), 'Time between publications of the lake.'),
  publishIdleIntervalMs: setting(
    'LEDGERFLOW_PUBLISH_IDLE_INTERVAL_MS',
    positive.default(300_000),
    'Time between publications while nothing but heartbeats is committed.',
  ),
  lakeRetentionHours: setting(
    'LEDGERFLOW_LAKE_RETENTION_HOURS',
    positive.default(6),
    'Snapshots of the published lake older than this are forgotten.',
  ),
  lakeFileGraceMinutes: setting(
    'LEDGERFLOW_LAKE_FILE_GRACE_MINUTES',
    positive.default(120),
    'A file that left the published lake stays on disk for this long, for readers that still have an older catalog attached.',
  ),
  lakeFilesPerTableMax: setting(
    'LEDGERFLOW_LAKE_FILES_PER_TABLE_MAX',
    positive.default(48),
    'Files of one lake table before it is compacted.',
  ),
  lakeMaintainIntervalMs: setting(
    'LEDGERFLOW_LAKE_MAINTAIN_INTERVAL_MS',
    positive.default(60_000),
    'Time between two rounds of compaction and clean-up of the lake.',
  ),
  heartbeatIntervalMs: setting(
    'LEDGERFLOW_HEARTBEAT_INTERVAL_MS',
    positive.default(1_000),
    'Time between heartbeat rows written to MySQL.',
  ),
  freshnessObjectiveMs: setting(
    'LEDGERFLOW_FRESHNESS_OBJECTIVE_MS',
    positive.default(5_000),
    'A heartbeat older than this in gold makes the pipeline degraded.',
  ),
  alertWebhookUrl: setting(
    'LEDGERFLOW_ALERT_WEBHOOK_URL',
    z.url({ protocol: /^https?$/ }).optional(),
    'Notifications of incidents are posted here as JSON, besides the log; redirects are not followed.',
    true,
  ),
  alertWebhookInternal: setting(
    'LEDGERFLOW_ALERT_WEBHOOK_INTERNAL',
    z.stringbool().default(false),
    'true: the webhook may be at a loopback, private or link-local address, which is refused otherwise.',
  ),
  alertRenotifyMinutes: setting(
    'LEDGERFLOW_ALERT_RENOTIFY_MINUTES',
    positive.default(240),
    'Minutes until an open incident that nobody has acknowledged is notified again.',
  ),
  alertFrom: setting('LEDGERFLOW_ALERT_FROM', z.enum(['warn', 'page', 'block']).default('warn'), 'Least severity that is notified.'),
  ducklakeExtensionPath: setting('DUCKLAKE_EXTENSION_PATH', z.string().optional(), 'File of the DuckLake extension to use.'),
  seedDemo: setting(
    'LEDGERFLOW_SEED_DEMO',
    z.stringbool().default(true),
    'Load the small demo world into an empty database at first start.',
  ),
  faultPoint: setting(
    'LEDGERFLOW_FAULT_POINT',
    z
      .string()
      .regex(/^[a-z.-]+:[1-9]\d*(\+\d+)?$/)
      .optional(),
    'Tests only: ends the processor with SIGKILL at a named place (`name:visit`, infra/runtime/fault-point.ts).',
  ),
  logLevel: setting(
    'LEDGERFLOW_LOG_LEVEL',
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    'Least severity that is logged.',
  ),
} as const;

export type SettingName = keyof typeof SETTINGS;
export type Config = { readonly [K in SettingName]: z.output<(typeof SETTINGS)[K]['schema']> };
