// Connections of the generator: exact numbers as text, UTC, and failures named by our codes.

import { createConnection, type Connection } from 'mysql2/promise';
import { connectionError } from '../store/connection-error.ts';

export interface BankLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** @throws LedgerflowError LF_MYSQL_LOGIN, LF_MYSQL_UNREACHABLE */
export async function connectBank(login: BankLogin): Promise<Connection> {
  const { host, port, user, password, database } = login;
  try {
    const exact = { supportBigNumbers: true, bigNumberStrings: true, decimalNumbers: false, dateStrings: true, timezone: 'Z' };
    const connection = await createConnection({ host, port, user, password, database, connectTimeout: CONNECT_TIMEOUT_MS, ...exact });
    await connection.query(`SET SESSION time_zone = '+00:00'`);
    return connection;
  } catch (error) {
    throw connectionError(error, login);
  }
}
