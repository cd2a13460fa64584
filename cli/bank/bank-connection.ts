// The connection of a bank tool: to --mysql-url, or to the MySQL of the run in the home folder with the login of the service.

import type { Connection } from 'mysql2/promise';
import { connectBank, type BankLogin } from '../../bank/generator/connect.ts';
import { adminFromUrl } from '../../infra/native/mysql-admin.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { bankLogin } from './bank-login.ts';

export const MYSQL_URL_HELP = 'another server than the running one: mysql://user:password@host:port/database';

/** @throws LedgerflowError LF_USAGE, LF_NOT_RUNNING, LF_MYSQL_UNREACHABLE */
export function toolLogin(mysqlUrl: string | undefined): BankLogin {
  const config = loadConfig();
  if (mysqlUrl === undefined) return bankLogin(config);
  if (!URL.canParse(mysqlUrl))
    throw new LedgerflowError('LF_USAGE', '--mysql-url is not an address like mysql://user:password@host:port/database');
  const database = decodeURIComponent(new URL(mysqlUrl).pathname.slice(1));
  return { ...adminFromUrl(mysqlUrl), database: database === '' ? config.mysqlDatabase : database };
}

/** Runs `work` with a connection that is closed afterwards. */
export async function withBank<T>(mysqlUrl: string | undefined, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await connectBank(toolLogin(mysqlUrl));
  try {
    return await work(connection);
  } finally {
    connection.destroy();
  }
}
