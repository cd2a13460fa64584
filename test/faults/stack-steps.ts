// The steps after the native parts, as `ledgerflow up` takes them (cli/up/pipeline-steps.ts), but through the proxies.

import { fileURLToPath } from 'node:url';
import { seedDemo } from '../../bank/generator/demo.ts';
import { migrate } from '../../bank/schema/migrate.ts';
import { connectorConfig, EXCLUDED_TABLES } from '../../cdc/connector/config.ts';
import { registerConnector } from '../../cdc/connector/register.ts';
import { ensureTopics } from '../../cdc/connector/topics.ts';
import { connectMysql } from '../../infra/native/mysql-admin.ts';
import type { NativePlan } from '../../infra/native/native-steps.ts';
import { nodePart } from '../../infra/native/parts/node-part.ts';
import type { Part, StartTask } from '../../infra/native/parts/part.ts';
import type { Secrets } from '../../infra/native/secrets.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { Ways } from './stack-parts.ts';

export interface StepsInput {
  readonly config: Config;
  readonly plan: NativePlan;
  readonly secrets: Secrets;
  readonly ducklake: string | undefined;
  readonly ways: Ways;
}

const PROGRAM = fileURLToPath(new URL('../../cli/ledgerflow.mjs', import.meta.url));

/** Schema, demo world, connector. */
export function sourceTasks(input: StepsInput): StartTask[] {
  const { config, plan } = input;
  const bank = { ...plan.admin, database: config.mysqlDatabase };
  return [
    { kind: 'task', name: 'bank schema', run: (signal) => migrate({ ...bank, signal }).then(() => undefined) },
    { kind: 'task', name: 'demo world', run: (signal) => seedDemo({ ...bank, signal }).then(() => undefined) },
    { kind: 'task', name: 'connector', run: (signal) => registerThrough(input, signal) },
  ];
}

async function registerThrough({ config, plan, secrets, ways }: StepsInput, signal: AbortSignal): Promise<void> {
  const { mysqlDatabase: database, topicPrefix: prefix } = config;
  const tables = await tablesOf(plan, database);
  await ensureTopics({ brokers: plan.endpoints.kafka.brokers, prefix, database, tables });
  await registerConnector({
    ...{ connectUrl: plan.endpoints.connect.url, connectorName: plan.endpoints.connect.connector, signal },
    config: connectorConfig({
      ...{ mysqlHost: '127.0.0.1', mysqlPort: ways.connectMysql.port, mysqlUser: 'ledgerflow_cdc', mysqlPassword: secrets.mysqlCdc },
      ...{ database, topicPrefix: prefix, brokers: `127.0.0.1:${ways.connectBroker.port}` },
    }),
  });
}

async function tablesOf(plan: NativePlan, database: string): Promise<string[]> {
  const connection = await connectMysql(plan.admin);
  const [rows] = await connection.query(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE'`,
    [database],
  );
  await connection.end();
  return (rows as { name: string }[]).map(({ name }) => name).filter((name) => !EXCLUDED_TABLES.includes(name));
}

/** The processor with its broker behind the proxy. */
export function processorThrough({ config, plan, secrets, ducklake, ways }: StepsInput): Part {
  const { mysql, connect, wire } = plan.endpoints;
  const env = {
    LEDGERFLOW_HOME: config.home,
    LEDGERFLOW_MYSQL_URL: `mysql://ledgerflow_service:${secrets.mysqlService}@${plan.admin.host}:${plan.admin.port}`,
    LEDGERFLOW_MYSQL_DATABASE: mysql.database,
    LEDGERFLOW_KAFKA_BROKERS: `127.0.0.1:${ways.processorBroker.port}`,
    LEDGERFLOW_CONNECT_URL: connect.url,
    LEDGERFLOW_WIRE_PORT: String(wire.port),
    LEDGERFLOW_WIRE_PASSWORD: wire.password,
    LEDGERFLOW_METRICS_PORT: String(plan.metricsPort),
    LEDGERFLOW_RECON_PORT: String(plan.reconPort),
    UV_THREADPOOL_SIZE: '16',
    ...(ducklake === undefined ? {} : { DUCKLAKE_EXTENSION_PATH: ducklake }),
  };
  return nodePart({
    ...{ name: 'processor', home: config.home, args: [PROGRAM, 'processor'], env, port: wire.port },
    aliveUrl: new URL('/live', plan.endpoints.metrics.url).href,
    ...{ startDeadlineMs: 180_000, stopDeadlineMs: 60_000 },
  });
}
