// The service's login to the bank's MySQL: from LEDGERFLOW_MYSQL_URL, or that of the run in the home folder.

import { createPool, type Pool } from 'mysql2/promise';
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

/** Runs `work` with connections to the bank and closes them. @throws LedgerflowError LF_NOT_RUNNING, LF_MYSQL_UNREACHABLE and what `work` throws */
export async function withBankPool<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
  const exact = { supportBigNumbers: true, bigNumberStrings: true, dateStrings: true, timezone: 'Z' };
  const pool = createPool({ ...bankLogin(loadConfig()), connectionLimit: 2, ...exact });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
