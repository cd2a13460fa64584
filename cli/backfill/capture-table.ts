// Takes a table into the running capture that was left out so far: tells Debezium its shape, waits until no restart can come before that,
// then changes the connector's configuration, at which a new task begins where the old one ended. docs/adr/0048.

import type { Connection } from 'mysql2/promise';
import { hasRecorded, leftOut, registeredConfig } from '../../cdc/connector/left-out.ts';
import { restateTable } from '../../cdc/connector/restate-table.ts';
import { findLostDates } from '../../cdc/connector/source-tables.ts';
import { connectorStatus, type ConnectorAddress } from '../../cdc/connector/status.ts';
import { judgeTables, type SourceTable } from '../../cdc/schema/source-table.ts';
import { connectMysql } from '../../infra/native/mysql-admin.ts';
import { requireRunning, type Endpoints } from '../../infra/native/run-file.ts';
import { loadSecrets } from '../../infra/native/secrets.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { registerCapture } from '../up/register-capture.ts';
import { refused } from './backfill-source.ts';
import { until } from './until.ts';

const RECORDED_POLL_MS = 200;

interface CapturePlace {
  readonly endpoints: Pick<Endpoints, 'mysql' | 'kafka' | 'connect'>;
  readonly address: ConnectorAddress;
}

/** Where the capture runs. @throws LedgerflowError LF_NOT_RUNNING, LF_CONNECT_UNREACHABLE */
export function capturePlace(): CapturePlace {
  const { mysql, kafka, connect } = requireRunning(loadConfig().home).endpoints;
  if (mysql === undefined || kafka === undefined || connect === undefined)
    throw new LedgerflowError('LF_CONNECT_UNREACHABLE', 'Kafka Connect is not up yet');
  return { endpoints: { mysql, kafka, connect }, address: { connectUrl: connect.url, connectorName: connect.connector } };
}

/** @throws LedgerflowError LF_CONNECTOR_MISSING, LF_CONNECT_UNREACHABLE */
export async function isLeftOut({ address }: CapturePlace, { schema }: SourceTable): Promise<boolean> {
  const registered = await registeredConfig(address);
  if (registered === null)
    throw new LedgerflowError('LF_CONNECTOR_MISSING', 'the connector is not registered', { where: address.connectorName });
  return leftOut(registered, schema.database).includes(schema.table);
}

/** What a start of the capture would refuse the table for. @throws LedgerflowError LF_BACKFILL_REFUSED */
export async function refuseUncapturable(connection: Connection, table: SourceTable): Promise<void> {
  const { found } = await findLostDates(connection, [table]);
  const [first] = [...judgeTables([table]).refused, ...found];
  if (first !== undefined) throw refused(table.schema.table, first.reason);
}

/** @throws LedgerflowError LF_BACKFILL_REFUSED, LF_BACKFILL_FAILED, LF_CONNECTOR_FAILED, and what registering the connector throws */
export async function captureTable({ endpoints, address }: CapturePlace, { schema }: SourceTable): Promise<void> {
  const config = loadConfig();
  const { running, state } = await connectorStatus(address);
  if (!running)
    throw new LedgerflowError('LF_CONNECTOR_FAILED', `the connector is ${state.toLowerCase()}, it must run`, {
      where: address.connectorName,
    });
  const gtid = await restated(endpoints.mysql, schema);
  await until('the connector to pass the shape of the table', () => hasRecorded(address, gtid), RECORDED_POLL_MS);
  await registerCapture({ config, endpoints, secrets: loadSecrets(config.home), include: [schema.table] });
}

async function restated(login: Endpoints['mysql'], schema: SourceTable['schema']): ReturnType<typeof restateTable> {
  const keeper = await connectMysql(login);
  try {
    const writer = await connectMysql(login);
    try {
      return await restateTable({ keeper, writer }, schema);
    } finally {
      writer.destroy();
    }
  } finally {
    keeper.destroy();
  }
}
