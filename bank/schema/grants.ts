// Table-level rights of the three logins; the logins themselves are made where MySQL is started (infra). A login that is missing is skipped.
// Clients get no write on entries, currencies and the pipeline's own tables; triggers refuse the rest for everybody.

import { escapeId } from 'mysql2';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { authDatabase } from '../auth/user-store.ts';

const CLIENT_TABLES = ['customers', 'accounts', 'transactions', 'merchants', 'devices', 'cards'];

/** Tables that the service only ever adds to. */
const SERVICE_LOGS = [
  'idempotency_keys',
  'holds',
  'hold_resolutions',
  'account_status_changes',
  'audit_blocks',
  'audit_evidence',
  'audit_days',
];

/** What users set for themselves. */
const USER_TABLES = ['budgets', 'watch_lists', 'watch_list_items', 'price_alerts'];

/** The only login that reaches users and what proves who they are. */
const SERVICE = 'ledgerflow_service';

/** Rights per login: [privileges, table or * for the whole database]. */
const RIGHTS: Record<string, readonly (readonly [string, string])[]> = {
  bank: [['SELECT', '*'], ...CLIENT_TABLES.map((table) => ['INSERT, UPDATE, DELETE', table] as const)],
  ledgerflow_cdc: [
    ['SELECT', '*'],
    ['INSERT, UPDATE, DELETE', 'debezium_signal'],
  ],
  [SERVICE]: [
    ['SELECT', '*'],
    ...[...CLIENT_TABLES, 'ledger_entries', 'heartbeat', 'barriers', 'debezium_signal'].map(
      (table) => ['INSERT, UPDATE, DELETE', table] as const,
    ),
    ...SERVICE_LOGS.map((table) => ['INSERT', table] as const),
    ...USER_TABLES.map((table) => ['INSERT, UPDATE, DELETE', table] as const),
    ...['market_prices', 'trades'].map((table) => ['INSERT', table] as const),
    ['INSERT, UPDATE', 'holdings'],
    ...['generator_worlds', 'generator_blocks', 'generator_lanes'].map((table) => ['INSERT, UPDATE', table] as const),
    ['EXECUTE', '*'], // audit_open_writers
  ],
};

interface LoginRow extends RowDataPacket {
  readonly user: string;
  readonly host: string;
}

/** Grants what each existing login needs in `database`. Needs GRANT OPTION and SELECT on mysql.user. */
export async function grantTableRights(connection: Connection, database: string): Promise<void> {
  const [logins] = await connection.query<LoginRow[]>('SELECT user AS `user`, host AS `host` FROM mysql.user WHERE user IN (?)', [
    Object.keys(RIGHTS),
  ]);
  for (const { user, host } of logins) {
    for (const [privileges, table] of RIGHTS[user] ?? []) {
      const target = `${escapeId(database, true)}.${table === '*' ? '*' : escapeId(table, true)}`;
      await connection.query(`GRANT ${privileges} ON ${target} TO ?@?`, [user, host]);
    }
    if (user === SERVICE) {
      const users = escapeId(authDatabase(database), true);
      await connection.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${users}.* TO ?@?`, [user, host]);
    }
  }
}
