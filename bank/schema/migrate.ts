// Brings a MySQL database to the bank's schema: creates it if missing, applies the numbered migrations once each, grants table rights.
// MySQL commits every DDL statement by itself, so each file is written to be repeatable and is recorded only after its last statement.

import { escapeId } from 'mysql2';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { throwIfAborted } from '../../infra/runtime/sleep.ts';
import { grantTableRights } from './grants.ts';
import { MIGRATIONS_FOLDER, pendingMigrations, readMigrations, type Migration } from './migrations.ts';

export interface MigrateOptions {
  readonly host: string;
  readonly port: number;
  /** A login that may create databases, triggers and routines (root, or one with those rights). */
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly signal?: AbortSignal;
  /** Folder of the migrations; the bank's own by default. */
  readonly folder?: string;
}

export interface MigrateResult {
  /** Names of the migrations applied now, in order. */
  readonly applied: string[];
  /** How many had been applied before. */
  readonly already: number;
}

const LOCK_WAIT_SECONDS_MAX = 120;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Applies what is missing. Any number of processes may call it at once: one works, the others wait and find nothing left to do.
 * @throws LedgerflowError LF_MYSQL_UNREACHABLE, LF_MIGRATION_EDITED, LF_MIGRATION_NEWER, LF_MIGRATION_FAILED, LF_MIGRATION_BUSY, LF_ABORTED
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  const migrations = readMigrations(options.folder ?? MIGRATIONS_FOLDER);
  throwIfAborted(options.signal);
  const connection = await connect(options);
  const abort = () => connection.destroy();
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    return await migrateLocked(connection, options.database, migrations);
  } catch (error) {
    throwIfAborted(options.signal);
    if (error instanceof LedgerflowError) throw error;
    throw new LedgerflowError('LF_MIGRATION_FAILED', messageOf(error), { where: options.database, cause: error });
  } finally {
    options.signal?.removeEventListener('abort', abort);
    connection.destroy();
  }
}

async function connect(options: MigrateOptions): Promise<Connection> {
  const { host, port, user, password } = options;
  try {
    return await createConnection({ host, port, user, password, timezone: 'Z', charset: 'utf8mb4', connectTimeout: CONNECT_TIMEOUT_MS });
  } catch (error) {
    throw new LedgerflowError('LF_MYSQL_UNREACHABLE', messageOf(error), { where: `${user}@${host}:${port}`, cause: error });
  }
}

async function migrateLocked(connection: Connection, database: string, migrations: readonly Migration[]): Promise<MigrateResult> {
  const lock = `ledgerflow.migrate.${database}`.slice(0, 64);
  const [rows] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, ?) AS got', [lock, LOCK_WAIT_SECONDS_MAX]);
  if (rows[0]?.['got'] !== 1)
    throw new LedgerflowError('LF_MIGRATION_BUSY', 'the migration lock is held by someone else', { where: database });
  await prepare(connection, database);
  const recorded = await readRecorded(connection);
  const pending = pendingMigrations(migrations, recorded);
  for (const migration of pending) await apply(connection, migration);
  await grantTableRights(connection, database);
  await connection.query('SELECT RELEASE_LOCK(?)', [lock]);
  return { applied: pending.map(({ name }) => name), already: recorded.size };
}

async function prepare(connection: Connection, database: string): Promise<void> {
  const name = escapeId(database, true);
  await connection.query(`CREATE DATABASE IF NOT EXISTS ${name} CHARACTER SET utf8mb4`);
  await connection.query(`USE ${name}`);
  await connection.query(
    `SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'`,
  );
  await connection.query(
    `CREATE TABLE IF NOT EXISTS schema_migrations (
       name VARCHAR(100) NOT NULL PRIMARY KEY, checksum CHAR(64) CHARACTER SET ascii NOT NULL,
       applied_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6))`,
  );
}

async function readRecorded(connection: Connection): Promise<Map<string, string>> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT name, checksum FROM schema_migrations ORDER BY name');
  return new Map(rows.map((row) => [String(row['name']), String(row['checksum'])]));
}

async function apply(connection: Connection, migration: Migration): Promise<void> {
  for (const [index, statement] of migration.statements.entries()) {
    try {
      await connection.query(statement);
    } catch (error) {
      const firstLine = statement.split('\n', 1)[0] ?? '';
      throw new LedgerflowError('LF_MIGRATION_FAILED', `statement ${index + 1} (${firstLine}): ${messageOf(error)}`, {
        where: `bank/schema/${migration.name}`,
        cause: error,
      });
    }
  }
  await connection.query('INSERT INTO schema_migrations (name, checksum) VALUES (?, ?)', [migration.name, migration.checksum]);
}
