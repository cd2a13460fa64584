// What a failed connection to the bank's MySQL is called.

import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';

interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** LF_MYSQL_LOGIN when the login was refused, LF_MYSQL_UNREACHABLE otherwise; names the address, never the password. */
export function connectionError(error: unknown, { user, host, port, database }: Address): LedgerflowError {
  const { code } = error as { code?: string };
  return new LedgerflowError(
    code === 'ER_ACCESS_DENIED_ERROR' ? 'LF_MYSQL_LOGIN' : 'LF_MYSQL_UNREACHABLE',
    messageOf(error) || String(code), // a refused TCP connection has a code and no message
    { where: `${user}@${host}:${port}/${database}`, cause: error },
  );
}
