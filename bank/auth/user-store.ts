// Where users, what proves who they are, and service keys are kept: a database of their own beside the bank's, which the bank's other
// clients can neither read nor change (bank/schema/020_users_apart.sql).

import { createPool, type Pool, type PoolOptions } from 'mysql2/promise';

export interface UserStore {
  /** Its default database is that of the users. */
  readonly pool: Pool;
  /** The bank's database, where customers are. */
  readonly bank: string;
}

export function authDatabase(bank: string): string {
  return `${bank}_auth`;
}

/** @param options of the bank's database; the caller ends the pool */
export function openUserStore(options: PoolOptions & { readonly database: string }): UserStore {
  const exact = { supportBigNumbers: true, bigNumberStrings: true, dateStrings: true, timezone: 'Z' };
  return { pool: createPool({ ...options, ...exact, database: authDatabase(options.database) }), bank: options.database };
}
