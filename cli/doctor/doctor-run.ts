// The doctor's look at what runs: MySQL's settings, grants and clock, the connector and its tasks, the topics' retention.

import kafkajs from 'kafkajs';
import type { RowDataPacket } from 'mysql2/promise';
import { createKafka } from '../../cdc/kafka/client.ts';
import { adminFromUrl, CDC_PRIVILEGES, checkServerSettings, connectMysql } from '../../infra/native/mysql-admin.ts';
import { isRunning, readRunFile, type Endpoints } from '../../infra/native/run-file.ts';
import { loadSecrets } from '../../infra/native/secrets.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { readStatus } from '../support/status.ts';
import { fine, guarded, wrong, type Check } from './doctor-check.ts';
import { registryChecks } from './doctor-registry.ts';
import { binlogChecks, judgeTopics } from './doctor-retention.ts';
import { tableChecks } from './doctor-tables.ts';

const CLOCK_DIFFERENCE_MS_MAX = 2_000;
const REQUEST_TIMEOUT_MS = 5_000;

/** Empty but for one line when nothing runs; an external MySQL is looked at all the same. */
export async function runChecks(config: Config): Promise<Check[]> {
  const run = readRunFile(config.home);
  if (!isRunning(run)) {
    if (config.mysqlUrl === undefined) return [fine('run', 'not running, so MySQL, connector and topics were not looked at')];
    return guarded('mysql', () => mysqlChecks(config, adminFromUrl(config.mysqlUrl ?? '')));
  }
  const { mysql, connect, kafka } = run.endpoints;
  const root = { ...mysql, user: 'root', password: loadSecrets(config.home).mysqlRoot } as Parameters<typeof connectMysql>[0];
  const admin = config.mysqlUrl === undefined ? root : adminFromUrl(config.mysqlUrl);
  return [
    fine('run', `${run.state}, pid ${run.supervisor.pid}`),
    ...partChecks(run.parts),
    ...(await guarded('held tables', () => heldChecks(config))),
    ...(await guarded('mysql', () => mysqlChecks(config, admin))),
    ...(connect === undefined ? [] : await guarded('connector', () => connectorChecks(connect))),
    ...(kafka === undefined ? [] : await guarded('topics', () => topicChecks(config, kafka))),
    ...(await registryChecks(config, admin)),
  ];
}

/** Tables whose silver stays at an older state, each with its remedy. */
async function heldChecks(config: Config): Promise<Check[]> {
  const { heldTables: held, processor } = await readStatus(config);
  if (processor.pid === null) return [wrong('held tables', 'unknown: the processor does not answer', 'See `ledgerflow status`.')];
  if (held.length === 0) return [fine('held tables', 'none')];
  return held.map(({ table, reason, since, records, remedy }) =>
    wrong(`table ${table}`, `held since ${since}: ${reason}; ${records} records parked`, remedy),
  );
}

function partChecks(parts: Readonly<Record<string, { restarts: number; logFile: string }>>): Check[] {
  return Object.entries(parts).map(([name, { restarts, logFile }]) =>
    restarts < 3 ? fine(name, `restarted ${restarts} times`) : wrong(name, `restarted ${restarts} times`, `See ${logFile}.`),
  );
}

async function mysqlChecks(config: Config, admin: Parameters<typeof connectMysql>[0]): Promise<Check[]> {
  const connection = await connectMysql(admin);
  try {
    const settings = (await checkServerSettings(connection)).map((finding) => ({ ...finding, name: `mysql ${finding.name}` }));
    const [clock] = await connection.query<RowDataPacket[]>(
      'SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED) AS ms, VERSION() AS version',
    );
    const difference = Math.abs(Date.now() - Number(clock[0]?.['ms']));
    const clockText = `${difference} ms apart from this machine`;
    const clockCheck =
      difference <= CLOCK_DIFFERENCE_MS_MAX
        ? fine('mysql clock', clockText)
        : wrong('mysql clock', clockText, 'Synchronise both clocks: freshness is their difference.');
    const [grants] = await connection.query<RowDataPacket[]>(`SHOW GRANTS FOR 'ledgerflow_cdc'@'%'`);
    return [
      fine('mysql', `${String(clock[0]?.['version'])}, database ${config.mysqlDatabase}`),
      ...settings,
      clockCheck,
      grantCheck(grants),
      ...(await binlogChecks(connection, config)),
      ...(await guarded('tables', () => tableChecks(connection, config))),
    ];
  } finally {
    await connection.end();
  }
}

function grantCheck(rows: RowDataPacket[]): Check {
  const text = rows.map((row) => String(Object.values(row)[0])).join('; ');
  const missing = CDC_PRIVILEGES.filter((privilege) => !text.includes(privilege) && !text.includes('ALL PRIVILEGES'));
  if (missing.length === 0) return fine('mysql grants of ledgerflow_cdc', CDC_PRIVILEGES.join(', '));
  return wrong(
    'mysql grants of ledgerflow_cdc',
    `missing ${missing.join(', ')}`,
    `GRANT ${missing.join(', ')} ON *.* TO 'ledgerflow_cdc'@'%'`,
  );
}

interface ConnectorStatus {
  readonly connector?: { readonly state: string };
  readonly tasks?: readonly { readonly id: number; readonly state: string; readonly trace?: string }[];
}

/** A connector says RUNNING while its task has failed: the tasks count. */
async function connectorChecks({ url, connector }: Endpoints['connect']): Promise<Check[]> {
  const response = await fetch(`${url}/connectors/${connector}/status`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  if (response.status === 404) return [wrong('connector', `${connector} is not registered`, 'Run `ledgerflow connector register`.')];
  const status = (await response.json()) as ConnectorStatus;
  const tasks = status.tasks ?? [];
  const bad = tasks.find((task) => task.state !== 'RUNNING');
  const text = `${status.connector?.state ?? 'unknown'}, ${tasks.length} task(s): ${tasks.map((task) => task.state).join(', ') || 'none'}`;
  if (status.connector?.state === 'RUNNING' && tasks.length > 0 && bad === undefined) return [fine('connector', text)];
  return [
    wrong(
      'connector',
      `${text} ${bad?.trace?.split('\n')[0] ?? ''}`.trim(),
      'Run `ledgerflow connector restart`; if it repeats, correct the cause it names.',
    ),
  ];
}

/** Finite retention destroys replay, and that of the schema history stops the connector at its next start. */
async function topicChecks(config: Config, { brokers }: Endpoints['kafka']): Promise<Check[]> {
  const admin = createKafka(brokers, { clientId: 'ledgerflow-doctor', requestRetriesMax: 1 }).admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((topic) => topic === config.topicPrefix || topic.startsWith(`${config.topicPrefix}.`));
    if (topics.length === 0) return [wrong('topics', `none named ${config.topicPrefix}.*`, 'Run `ledgerflow connector register`.')];
    const resources = topics.map((name) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name,
      configNames: ['retention.ms', 'retention.bytes', 'cleanup.policy'],
    }));
    const described = await admin.describeConfigs({ resources, includeSynonyms: false });
    const kept = described.resources.map(({ resourceName: topic, configEntries }) => {
      const values = new Map(configEntries.map((entry) => [entry.configName, entry.configValue]));
      const value = (name: string): string => values.get(name) ?? '';
      return { topic, ms: value('retention.ms'), bytes: value('retention.bytes'), cleanup: value('cleanup.policy') };
    });
    return judgeTopics(kept, config.outageHoursMax);
  } finally {
    await admin.disconnect();
  }
}
