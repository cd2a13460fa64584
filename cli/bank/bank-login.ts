// The service's login to the bank's MySQL: from LEDGERFLOW_MYSQL_URL, or that of the run in the home folder.

import { openUserStore, type UserStore } from '../../bank/auth/user-store.ts';
import type { BankLogin } from '../../bank/generator/connect.ts';
import { adminFromUrl } from '../../infra/native/mysql-admin.ts';
import { requireRunning } from '../../infra/native/run-file.ts';
import { loadSecrets } from '../../infra/native/secrets.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Config } from '../../infra/runtime/settings.ts';

/** @throws LedgerflowError LF_NOT_RUNNING, LF_MYSQL_UNREACHABLE */
export function bankLogin(config: Config): BankLogin {
  if (config.mysqlUrl !== undefined) return { ...adminFromUrl(config.mysqlUrl), database: config.mysqlDatabase };
  const { mysql } = requireRunning(config.home).endpoints;
  if (mysql === undefined) throw new LedgerflowError('LF_MYSQL_UNREACHABLE', 'MySQL is not up yet');
  const { host, port, database } = mysql;
  return { host, port, database, user: 'ledgerflow_service', password: loadSecrets(config.home).mysqlService };
}

/** Runs `work` with the bank's users and closes the connections. @throws LedgerflowError LF_NOT_RUNNING, LF_MYSQL_UNREACHABLE and what `work` throws */
export async function withUsers<T>(work: (users: UserStore) => Promise<T>): Promise<T> {
  const users = openUserStore({ ...bankLogin(loadConfig()), connectionLimit: 2 });
  try {
    return await work(users);
  } finally {
    await users.pool.end();
  }
}
