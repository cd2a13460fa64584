// What LedgerFlow needs of a MySQL server: a login, the settings of change capture, the database and its users.

import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { LedgerflowError, messageOf } from '../runtime/errors.ts';
import type { Secrets } from './secrets.ts';

export interface MysqlAdmin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

const REFUSED = new Set([
  'ER_ACCESS_DENIED_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_ACCESS_DENIED_NO_PASSWORD_ERROR',
  'ER_ACCOUNT_HAS_BEEN_LOCKED',
]);

/** The login in LEDGERFLOW_MYSQL_URL. */
export function adminFromUrl(text: string): MysqlAdmin {
  const url = new URL(text);
  return {
    host: url.hostname,
    port: url.port === '' ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username) || 'root',
    password: decodeURIComponent(url.password),
  };
}

/** @throws LedgerflowError LF_MYSQL_LOGIN, LF_MYSQL_UNREACHABLE */
export async function connectMysql(login: MysqlAdmin): Promise<Connection> {
  const { host, port, user, password } = login;
  try {
    return await mysql.createConnection({ host, port, user, password, timezone: 'Z', connectTimeout: 5_000 });
  } catch (error) {
    const where = `${user}@${host}:${port}`;
    const code = (error as { code?: string }).code ?? '';
    if (REFUSED.has(code)) throw new LedgerflowError('LF_MYSQL_LOGIN', messageOf(error), { where, cause: error });
    throw new LedgerflowError('LF_MYSQL_UNREACHABLE', messageOf(error) || code, { where, cause: error });
  }
}

export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to change; empty when ok. */
  readonly change: string;
}

interface Requirement {
  readonly variable: string;
  /** Judges the value in upper case; '' for an unset one. */
  readonly accepts: (value: string) => boolean;
  readonly change: string;
}

const oneOf =
  (...values: readonly string[]) =>
  (value: string): boolean =>
    values.includes(value);

const STRICT = ['STRICT_TRANS_TABLES', 'STRICT_ALL_TABLES'];

/** Zero dates become NULL on the way, so no session may write one unless it asks for it; padded CHARs differ from those in the binlog. */
function acceptsSqlMode(value: string): boolean {
  const modes = new Set(value.split(','));
  const strict = STRICT.some((mode) => modes.has(mode));
  return strict && modes.has('NO_ZERO_DATE') && modes.has('NO_ZERO_IN_DATE') && !modes.has('PAD_CHAR_TO_FULL_LENGTH');
}

const REQUIRED: readonly Requirement[] = [
  { variable: 'log_bin', accepts: oneOf('1', 'ON'), change: 'start mysqld with log-bin' },
  // MySQL 9 may drop the choice of a format: ROW is then the only one.
  { variable: 'binlog_format', accepts: oneOf('ROW', 'ABSENT'), change: 'set binlog-format=ROW' },
  { variable: 'binlog_row_image', accepts: oneOf('FULL'), change: 'set binlog-row-image=FULL' },
  { variable: 'binlog_row_metadata', accepts: oneOf('FULL'), change: 'set binlog-row-metadata=FULL' },
  { variable: 'binlog_row_value_options', accepts: oneOf('', 'ABSENT'), change: 'set binlog-row-value-options= (without PARTIAL_JSON)' },
  { variable: 'gtid_mode', accepts: oneOf('ON'), change: 'set gtid-mode=ON and enforce-gtid-consistency=ON' },
  { variable: 'log_bin_trust_function_creators', accepts: oneOf('1', 'ON'), change: 'set log-bin-trust-function-creators=ON' },
  {
    variable: 'sql_mode',
    accepts: acceptsSqlMode,
    change: 'let sql-mode have STRICT_TRANS_TABLES, NO_ZERO_DATE and NO_ZERO_IN_DATE, and not PAD_CHAR_TO_FULL_LENGTH',
  },
];

/** The server settings that change capture depends on. */
export async function checkServerSettings(connection: Connection): Promise<Finding[]> {
  const names = REQUIRED.map(({ variable }) => variable);
  const [rows] = await connection.query<RowDataPacket[]>('SHOW GLOBAL VARIABLES WHERE Variable_name IN (?)', [names]);
  return judgeSettings(new Map(rows.map((row) => [String(row['Variable_name']), String(row['Value'])])));
}

/** Pure: one finding per setting, from the server's variables by name. */
export function judgeSettings(values: ReadonlyMap<string, string>): Finding[] {
  return REQUIRED.map(({ variable, accepts, change }) => {
    const found = values.get(variable) ?? 'absent';
    const ok = accepts(found.toUpperCase());
    return { name: variable, ok, found, change: ok ? '' : change };
  });
}

/** @throws LedgerflowError LF_MYSQL_SETTINGS naming everything that must change. */
export async function requireServerSettings(connection: Connection): Promise<void> {
  const wrong = (await checkServerSettings(connection)).filter((finding) => !finding.ok);
  if (wrong.length === 0) return;
  const text = wrong.map(({ name, found, change }) => `${name} is ${found}: ${change}`).join('; ');
  throw new LedgerflowError('LF_MYSQL_SETTINGS', text);
}

/** Privileges of the connector's user; Debezium's documentation names them. */
export const CDC_PRIVILEGES = ['SELECT', 'RELOAD', 'SHOW DATABASES', 'REPLICATION SLAVE', 'REPLICATION CLIENT', 'LOCK TABLES'];

/** Clients may change rows and tables, but not the triggers that guard money. */
const CLIENT_PRIVILEGES =
  'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, EXECUTE, LOCK TABLES, SHOW VIEW, CREATE TEMPORARY TABLES';

export interface ProvisionOptions {
  readonly database: string;
  readonly secrets: Secrets;
  /** True for the server we start: only there the user `bank` is ours to make, and only there users stay out of the binlog. */
  readonly ownServer: boolean;
}

/** Makes the database and our users, or brings their passwords and privileges up to date. Repeatable. */
export async function provision(connection: Connection, options: ProvisionOptions): Promise<void> {
  const { database, secrets } = options;
  const schema = mysql.escapeId(database);
  try {
    await connection.query(`CREATE DATABASE IF NOT EXISTS ${schema} CHARACTER SET utf8mb4`);
    // Users are repeated at every start; in the binlog each would be one more position to wait for.
    if (options.ownServer) await connection.query('SET SESSION sql_log_bin = OFF');
    await user(connection, 'ledgerflow_cdc', secrets.mysqlCdc);
    await connection.query(`GRANT ${CDC_PRIVILEGES.join(', ')} ON *.* TO 'ledgerflow_cdc'@'%'`);
    await user(connection, 'ledgerflow_service', secrets.mysqlService);
    // What it may do with which table is granted by the migrations.
    await connection.query(`GRANT REPLICATION CLIENT ON *.* TO 'ledgerflow_service'@'%'`);
    if (!options.ownServer) return;
    await user(connection, 'bank', secrets.mysqlBank);
    await connection.query(`GRANT ${CLIENT_PRIVILEGES} ON ${schema}.* TO 'bank'@'%'`);
    await connection.query(`GRANT REPLICATION CLIENT ON *.* TO 'bank'@'%'`);
  } catch (error) {
    const remedy = 'Give this login CREATE USER and GRANT OPTION on the server (root has them).';
    throw new LedgerflowError('LF_MYSQL_SETTINGS', `users could not be made: ${messageOf(error)}`, { cause: error, remedy });
  }
}

async function user(connection: Connection, name: string, password: string): Promise<void> {
  await connection.query(`CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?`, [name, password]);
  await connection.query(`ALTER USER ?@'%' IDENTIFIED BY ?`, [name, password]);
}
