// What MySQL says of a table that is to be backfilled, and the signal rows that begin, pause and end backfills.

import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { EXCLUDED_TABLES, SIGNAL_TABLE } from '../../cdc/connector/config.ts';
import { collectionPattern, insertSignal, SIGNAL_DATA_CHARACTERS_MAX } from '../../cdc/connector/signal-row.ts';
import { readSourceTables } from '../../cdc/connector/source-tables.ts';
import { readPolicies } from '../../cdc/privacy/policy-file.ts';
import type { Policies } from '../../cdc/privacy/policy.ts';
import type { SourceTable } from '../../cdc/schema/source-table.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { mysqlIdent } from '../../infra/runtime/sql-text.ts';
import type { SourceLogin } from '../../lake/verify/mysql-source.ts';
import { hasWholeKey } from '../../lake/verify/plan.ts';
import { BULK_SIGNAL } from '../../stream/processor/reread-signals.ts';

export interface SourceInput {
  readonly table: string;
  readonly mysql: SourceLogin;
  readonly excludeTables: readonly string[];
}

export interface Extent {
  /** Rows to read; an estimate of MySQL's for a whole table. */
  readonly rows: number | null;
  /** Smallest key of a table with one whole number for a key. */
  readonly lowKey: string | null;
}

const COUNT_PATIENCE_MS = 10_000;

/** @throws LedgerflowError LF_BACKFILL_REFUSED, LF_MYSQL_UNREACHABLE */
export async function onSource<T>({ mysql }: Pick<SourceInput, 'mysql'>, work: (connection: Connection) => Promise<T>): Promise<T> {
  const { host, port, user, password, database } = mysql;
  const connection = await createConnection({
    host,
    port,
    user,
    password,
    database,
    supportBigNumbers: true,
    bigNumberStrings: true,
  }).catch((error: unknown) => {
    throw new LedgerflowError('LF_MYSQL_UNREACHABLE', messageOf(error), { where: `${user}@${host}:${port}`, cause: error });
  });
  try {
    return await work(connection);
  } finally {
    connection.destroy();
  }
}

/** The table as the catalog has it. @throws LedgerflowError LF_BACKFILL_REFUSED */
export async function sourceTable(connection: Connection, input: SourceInput): Promise<SourceTable> {
  const { table, mysql, excludeTables } = input;
  if (EXCLUDED_TABLES.includes(table) || table === SIGNAL_TABLE)
    throw refused(table, 'it is never captured, or the pipeline writes it itself');
  if (excludeTables.includes(table)) throw refused(table, 'LEDGERFLOW_EXCLUDE_TABLES leaves it out: take it out of the setting first');
  const found = (await readSourceTables(connection, mysql.database, [])).find(({ schema }) => schema.table === table);
  if (found === undefined) throw refused(table, `MySQL has no table ${mysql.database}.${table}`);
  return found;
}

/** A table's schema as Debezium would tell it: the catalog's, with the members of ENUM and SET. */
export function announcedSchema({ schema, columnTypes }: SourceTable): TableSchema {
  const columns = schema.columns.map((column, index) => ({ ...column, enumValues: members(columnTypes[index] ?? '') }));
  return { ...schema, columns };
}

function members(columnType: string): string[] | null {
  if (!/^(enum|set)\(/i.test(columnType)) return null;
  return [...columnType.matchAll(/'((?:[^']|'')*)'/g)].map((match) => (match[1] ?? '').replaceAll("''", "'"));
}

/**
 * How much there is to read; runs the condition, so that a wrong one is found here.
 * @throws LedgerflowError LF_BACKFILL_REFUSED
 */
export async function extentOf(connection: Connection, table: SourceTable, where: string | null): Promise<Extent> {
  const { schema } = table;
  const from = `${mysqlIdent(schema.database)}.${mysqlIdent(schema.table)}`;
  const [key = ''] = schema.keyColumns;
  const [[low]] = await connection.query<RowDataPacket[]>(
    hasWholeKey(table) ? `SELECT MIN(${mysqlIdent(key)}) AS low FROM ${from}` : 'SELECT NULL AS low',
  );
  const lowKey = low?.['low'] === null || low?.['low'] === undefined ? null : String(low['low']);
  if (where === null) {
    const [[found]] = await connection.query<RowDataPacket[]>(
      'SELECT TABLE_ROWS AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
      [schema.database, schema.table],
    );
    return { rows: Number(found?.['n'] ?? 0), lowKey };
  }
  try {
    const [[found]] = await connection.query<RowDataPacket[]>(
      `SELECT /*+ MAX_EXECUTION_TIME(${COUNT_PATIENCE_MS}) */ COUNT(*) AS n FROM ${from} WHERE (${where}\n)`,
    );
    return { rows: Number(found?.['n'] ?? 0), lowKey };
  } catch (error) {
    if ((error as { code?: string }).code === 'ER_QUERY_TIMEOUT') return { rows: null, lowKey };
    throw refused(schema.table, `MySQL does not take the condition: ${messageOf(error)}`);
  }
}

export type SignalType = 'execute-snapshot' | 'pause-snapshot' | 'resume-snapshot' | 'stop-snapshot' | typeof BULK_SIGNAL;

interface WantedSignal {
  readonly id: string;
  readonly type: SignalType;
  readonly data: object;
}

/** A bulk read takes rows from MySQL past the door where column policies are applied. @throws LedgerflowError LF_BACKFILL_REFUSED */
export function refuseClearBulk({ type, data }: Omit<WantedSignal, 'id'>, policies: Policies | null, database: string): void {
  const { 'data-collections': wanted = [] } = data as { readonly 'data-collections'?: readonly string[] };
  const table = [...(policies?.tables.keys() ?? [])].find((name) => wanted.includes(collectionPattern(database, name)));
  if (type === BULK_SIGNAL && table !== undefined)
    throw refused(table, 'it has column policies, which a bulk read would not apply; --mode incremental does');
}

/** @throws LedgerflowError LF_BACKFILL_REFUSED when the condition makes it too long, or a bulk read would pass a column policy by */
export async function writeSignal(connection: Connection, signal: WantedSignal): Promise<void> {
  const config = loadConfig();
  refuseClearBulk(signal, signal.type === BULK_SIGNAL ? readPolicies(config.home) : null, config.mysqlDatabase);
  const data = JSON.stringify(signal.data);
  if (data.length > SIGNAL_DATA_CHARACTERS_MAX)
    throw refused(signal.id, `the condition is too long: a signal has ${SIGNAL_DATA_CHARACTERS_MAX} characters`);
  await insertSignal(connection, config.mysqlDatabase, { id: signal.id, type: signal.type, data });
}

export function signalId(kind: string, table: string): string {
  return `backfill-${kind}-${Date.now()}-${table}`.slice(0, 64);
}

export function refused(table: string, why: string): LedgerflowError {
  return new LedgerflowError('LF_BACKFILL_REFUSED', `${table} is not read: ${why}`, { where: table });
}
