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
  const { tables, floatTables } = await capturedTables(login, config.mysqlDatabase);
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
      floatTables,
    }),
    ...(signal === undefined ? {} : { signal }),
  });
  return { status, topicsCreated: topics.created, drift: topics.drift };
}

interface Captured {
  readonly tables: readonly string[];
  /** MySQL prints a FLOAT with six digits in the snapshot: these tables are read with a cast. */
  readonly floatTables: Readonly<Record<string, readonly { readonly name: string; readonly float: boolean }[]>>;
}

async function capturedTables(login: MysqlAdmin, database: string): Promise<Captured> {
  const connection = await connectMysql(login);
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      `SELECT c.TABLE_NAME AS name, c.COLUMN_NAME AS column_name, c.DATA_TYPE = 'float' AS is_float
       FROM information_schema.COLUMNS c JOIN information_schema.TABLES t USING (TABLE_SCHEMA, TABLE_NAME)
       WHERE TABLE_SCHEMA = ? AND t.TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME, c.ORDINAL_POSITION`,
      [database],
    );
    const columns = new Map<string, { name: string; float: boolean }[]>();
    for (const row of rows) {
      const table = String(row['name']);
      if (EXCLUDED_TABLES.includes(table)) continue;
      columns.set(table, [...(columns.get(table) ?? []), { name: String(row['column_name']), float: Number(row['is_float']) === 1 }]);
    }
    return {
      tables: [...columns.keys()],
      floatTables: Object.fromEntries([...columns].filter(([, all]) => all.some(({ float }) => float))),
    };
  } finally {
    await connection.end();
  }
}
