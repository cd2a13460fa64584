// Connections of the bank's service: its own login, the posting trigger off, READ COMMITTED, the GTID of each commit in its answer.

import { createConnection, type Connection } from 'mysql2/promise';
import { format } from 'mysql2';
import { connectionError } from './connection-error.ts';

export interface ServiceLogin {
  readonly host: string;
  readonly port: number;
  /** ledgerflow_service: the triggers know the service by this name. */
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** A lock that is not given in this time is a failure that is tried again (MySQL 1205). */
const LOCK_WAIT_SECONDS_MAX = 5;

/** Exact values as text: no amount, id or time passes through a JavaScript number or Date. */
const EXACT = {
  supportBigNumbers: true,
  bigNumberStrings: true,
  decimalNumbers: false,
  dateStrings: true,
  timezone: 'Z',
  rowsAsArray: true,
};

/** A connection that writes the ledger. Rows come as arrays of text. @throws LedgerflowError LF_MYSQL_LOGIN, LF_MYSQL_UNREACHABLE */
export async function connectWriter(login: ServiceLogin): Promise<Connection> {
  const connection = await connect(login, { ...EXACT, multipleStatements: true, queryFormat });
  await connection.query(
    `SET @ledgerflow_service = 1, SESSION session_track_gtids = OWN_GTID, SESSION transaction_isolation = 'READ-COMMITTED',
      SESSION innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS_MAX}, SESSION time_zone = '+00:00',
      SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'`,
  );
  return connection;
}

/** Statements without values are sent as they are: the driver would look through all the text of a group for placeholders. */
function queryFormat(sql: string, values: unknown): string {
  return Array.isArray(values) && values.length > 0 ? format(sql, values, false, 'Z') : sql;
}

async function connect(login: ServiceLogin, more: object): Promise<Connection> {
  const { host, port, user, password, database } = login;
  try {
    return await createConnection({ host, port, user, password, database, connectTimeout: CONNECT_TIMEOUT_MS, ...more });
  } catch (error) {
    throw connectionError(error, login);
  }
}
