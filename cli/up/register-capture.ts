// Makes the capture ready: a topic with the right settings for every table, then the connector. Used by `up` and `connector register`.

import { connectorConfig } from '../../cdc/connector/config.ts';
import { leftOut, registeredConfig } from '../../cdc/connector/left-out.ts';
import { registerConnector } from '../../cdc/connector/register.ts';
import { snapshotSelect } from '../../cdc/connector/snapshot-select.ts';
import { findLostDates, readSourceTables } from '../../cdc/connector/source-tables.ts';
import type { ConnectorStatus } from '../../cdc/connector/status.ts';
import { ensureTopics, type TopicDrift } from '../../cdc/connector/topics.ts';
import { connectorSalt, masterKey } from '../../cdc/privacy/key-files.ts';
import { APPEND_ONLY, judgeTables, type SourceTable, type TableFindings } from '../../cdc/schema/source-table.ts';
import { connectMysql, type MysqlAdmin } from '../../infra/native/mysql-admin.ts';
import type { Endpoints } from '../../infra/native/run-file.ts';
import type { Secrets } from '../../infra/native/secrets.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { retry, type RetryPolicy } from '../../infra/runtime/retry.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { admittedPolicies } from '../support/privacy.ts';
import { stillLeftOut, type LeftOut } from './still-left-out.ts';

export interface CaptureInput {
  readonly config: Config;
  readonly endpoints: Pick<Endpoints, 'mysql' | 'kafka' | 'connect'>;
  readonly secrets: Secrets;
  /** Tables that were left out so far and are captured from now on: `ledgerflow backfill` has told the connector and the processor of them. */
  readonly include?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface Capture {
  readonly status: ConnectorStatus;
  readonly topicsCreated: readonly string[];
  /** Topics that were there with settings that lose history; they are left alone. */
  readonly drift: readonly TopicDrift[];
  /** Tables that are captured but not carried as rows with an identity, or not captured although no setting says so; one sentence each. */
  readonly remarks: readonly string[];
}

/** Kafka Connect is rebalancing or has just been started. */
const BUSY: RetryPolicy = { attemptsMax: 40, firstDelayMs: 250, delayMaxMs: 2_000 };

/** Repeatable. @throws LedgerflowError LF_MYSQL_…, LF_KAFKA_UNREACHABLE, LF_CONNECT_UNREACHABLE, LF_CONNECTOR_CONFIG, LF_CONNECTOR_FAILED, LF_TABLE_REFUSED, LF_POLICY_FILE, LF_POLICY_REFUSED */
export async function registerCapture(input: CaptureInput): Promise<Capture> {
  const { config, endpoints, secrets, signal } = input;
  const { brokers } = endpoints.kafka;
  const login = { host: endpoints.mysql.host, port: endpoints.mysql.port, user: 'ledgerflow_cdc', password: secrets.mysqlCdc };
  const { tables, findings, left } = await captureTables(input, login);
  const privacy = await admittedPolicies(
    config.home,
    tables.map(({ schema }) => schema),
  );
  const names = tables.map(({ schema }) => schema.table);
  const topics = await ensureTopics({ brokers, prefix: config.topicPrefix, database: config.mysqlDatabase, tables: names });
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
      snapshotSelects: snapshotSelects(tables),
      excludeTables: left.all,
      format: config.format,
      registryUrl: config.registryUrl,
      privacy: privacy === null ? undefined : { policies: privacy, salt: connectorSalt(masterKey(config.home)) },
    }),
    newTask: (input.include ?? []).length > 0,
    ...(signal === undefined ? {} : { signal }),
  });
  return { status, topicsCreated: topics.created, drift: topics.drift, remarks: [...remarksOf(findings), ...left.remarks] };
}

interface Captured {
  readonly tables: SourceTable[];
  readonly findings: TableFindings;
  readonly left: LeftOut;
}

/** What the connector may capture. @throws LedgerflowError LF_TABLE_REFUSED naming every table that it must not be started with */
async function captureTables(input: CaptureInput, login: MysqlAdmin): Promise<Captured> {
  const { config, endpoints, signal } = input;
  const connection = await connectMysql(login);
  try {
    const there = await readSourceTables(connection, config.mysqlDatabase, []);
    const address = { connectUrl: endpoints.connect.url, connectorName: endpoints.connect.connector };
    const registered = await retry(BUSY, () => registeredConfig(address), signal === undefined ? {} : { signal });
    const names = there.map(({ schema }) => schema.table);
    const left = stillLeftOut(names, {
      ...{ wanted: config.excludeTables, include: input.include ?? [] },
      before: registered === null ? null : leftOut(registered, config.mysqlDatabase),
    });
    const tables = there.filter(({ schema }) => !left.all.includes(schema.table));
    const findings = judgeTables(tables);
    // The first snapshot reads the tables as they are; what is written later only the server's sql_mode can keep out.
    const lost = registered === null ? await findLostDates(connection, tables) : { found: [] };
    const refused = [...findings.refused, ...lost.found];
    if (refused.length > 0)
      throw new LedgerflowError('LF_TABLE_REFUSED', refused.map(({ table, reason }) => `${table}: ${reason}`).join('; '));
    return { tables, findings, left };
  } finally {
    await connection.end();
  }
}

function snapshotSelects(tables: readonly SourceTable[]): Record<string, string> {
  const selects = tables.map(({ schema, columnTypes }) => {
    const columns = schema.columns.map(({ name }, index) => ({ name, columnType: columnTypes[index] ?? '' }));
    return [schema.table, snapshotSelect(schema.database, schema.table, columns)] as const;
  });
  return Object.fromEntries(selects.filter((entry): entry is [string, string] => entry[1] !== null));
}

function remarksOf({ held, appendOnly }: TableFindings): string[] {
  return [
    ...held.map(({ table, reason }) => `table ${table} is not carried, its rows are parked: ${reason}`),
    ...appendOnly.map((table) => `table ${table} has no primary key: ${APPEND_ONLY}`),
  ];
}
