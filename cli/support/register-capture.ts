// Makes the capture ready: a topic with the right settings for every table, then the connector. Used by `up` and `connector register`.

import type { RowDataPacket } from 'mysql2/promise';
import { connectorConfig, EXCLUDED_TABLES } from '../../cdc/connector/config.ts';
import { registerConnector } from '../../cdc/connector/register.ts';
import type { ConnectorStatus } from '../../cdc/connector/status.ts';
import { ensureTopics, type TopicDrift } from '../../cdc/connector/topics.ts';
import { connectMysql, type MysqlAdmin } from '../../infra/native/mysql-admin.ts';
import type { Endpoints } from '../../infra/native/run-file.ts';
import type { Secrets } from '../../infra/native/secrets.ts';
import type { Config } from '../../infra/runtime/settings.ts';

export interface CaptureInput {
  readonly config: Config;
  readonly endpoints: Pick<Endpoints, 'mysql' | 'kafka' | 'connect'>;
  readonly secrets: Secrets;
  readonly signal?: AbortSignal;
}

export interface Capture {
  readonly status: ConnectorStatus;
  readonly topicsCreated: readonly string[];
  /** Topics that were there with settings that lose history; they are left alone. */
  readonly drift: readonly TopicDrift[];
}

/** Repeatable. @throws LedgerflowError LF_MYSQL_…, LF_KAFKA_UNREACHABLE, LF_CONNECT_UNREACHABLE, LF_CONNECTOR_CONFIG, LF_CONNECTOR_FAILED */
export async function registerCapture(input: CaptureInput): Promise<Capture> {
  const { config, endpoints, secrets, signal } = input;
  const { brokers } = endpoints.kafka;
  const login = { host: endpoints.mysql.host, port: endpoints.mysql.port, user: 'ledgerflow_cdc', password: secrets.mysqlCdc };
  const tables = await capturedTables(login, config.mysqlDatabase);
  const topics = await ensureTopics({ brokers, prefix: config.topicPrefix, database: config.mysqlDatabase, tables });
  const status = await registerConnector({
    connectUrl: endpoints.connect.url,
    connectorName: endpoints.connect.connector,
    config: connectorConfig({
      mysqlHost: login.host,
      mysqlPort: login.port,
      mysqlUser: login.user,
      mysqlPassword: login.password,
      database: config.mysqlDatabase,
      topicPrefix: config.topicPrefix,
      brokers,
    }),
    ...(signal === undefined ? {} : { signal }),
  });
  return { status, topicsCreated: topics.created, drift: topics.drift };
}

async function capturedTables(login: MysqlAdmin, database: string): Promise<string[]> {
  const connection = await connectMysql(login);
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME",
      [database],
    );
    return rows.map((row) => String(row['name'])).filter((name) => !EXCLUDED_TABLES.includes(name));
  } finally {
    await connection.end();
  }
}
