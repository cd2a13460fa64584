// Reads one table again through Debezium's signal table: writes the signal, then waits until the processor says how it ended.

import type { RowDataPacket } from 'mysql2/promise';
import { EXCLUDED_TABLES } from '../../cdc/connector/config.ts';
import { collectionPattern, insertSignal } from '../../cdc/connector/signal-row.ts';
import { connectMysql, type MysqlAdmin } from '../../infra/native/mysql-admin.ts';
import type { Login } from '../../infra/native/run-file.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { streamQuery } from '../support/wire-client.ts';

export interface ResnapshotInput {
  readonly table: string;
  readonly database: string;
  /** A login that may write the signal table. */
  readonly mysql: MysqlAdmin;
  readonly wire: Login;
  /** Milliseconds to wait for the end; 0 returns once the signal is written. */
  readonly waitMs: number;
  readonly onProgress: (text: string) => void;
}

export interface Resnapshot {
  readonly signal: string;
  /** 'signalled' when it was not waited for. */
  readonly status: string;
}

const POLL_MS = 500;

/** @throws LedgerflowError LF_RESNAPSHOT when the table cannot be read again or that failed; LF_MYSQL_…, LF_WIRE_… */
export async function resnapshot(input: ResnapshotInput): Promise<Resnapshot> {
  const signal = `resnapshot-${Date.now()}-${input.table}`.slice(0, 64);
  await writeSignal(input, signal);
  if (input.waitMs === 0) return { signal, status: 'signalled' };
  return await rereadEnd(input, signal);
}

/** Waits until the processor says how a signal ended. @throws LedgerflowError LF_RESNAPSHOT */
export async function rereadEnd(
  input: Pick<ResnapshotInput, 'table' | 'wire' | 'waitMs' | 'onProgress'>,
  signal: string,
): Promise<Resnapshot> {
  const deadline = Date.now() + input.waitMs;
  let told = '';
  for (;;) {
    const status = await statusOf(input.wire, signal);
    if (status === 'done') return { signal, status };
    if (status !== null && status !== 'running') throw refused(input, status);
    if (status !== null && status !== told) input.onProgress(`${input.table} is being read`);
    told = status ?? '';
    if (Date.now() > deadline) throw refused(input, status === null ? 'the signal has not come through yet' : 'it goes on still');
    await sleep(POLL_MS);
  }
}

async function writeSignal(input: ResnapshotInput, signal: string): Promise<void> {
  const { table, database } = input;
  const connection = await connectMysql(input.mysql);
  try {
    const [columns] = await connection.query<RowDataPacket[]>(
      `SELECT c.DATA_TYPE AS type, c.COLUMN_NAME AS name, c.COLUMN_KEY = 'PRI' AS pk FROM information_schema.COLUMNS c JOIN information_schema.TABLES t USING (TABLE_SCHEMA, TABLE_NAME)
       WHERE c.TABLE_SCHEMA = ? AND c.TABLE_NAME = ? AND t.TABLE_TYPE = 'BASE TABLE'`,
      [database, table],
    );
    if (columns.length === 0 || EXCLUDED_TABLES.includes(table)) throw refused(input, `MySQL has no captured table ${database}.${table}`);
    if (!columns.some((column) => Number(column['pk']) === 1))
      throw refused(input, 'it has no primary key: Debezium cannot read it in parts');
    const float = columns.find((column) => column['type'] === 'float');
    if (float !== undefined)
      throw refused(input, `MySQL prints the FLOAT column ${String(float['name'])} with six digits there; make it DOUBLE`);
    const data = JSON.stringify({ 'data-collections': [collectionPattern(database, table)], type: 'incremental' });
    await insertSignal(connection, database, { id: signal, type: 'execute-snapshot', data });
  } finally {
    await connection.end();
  }
}

async function statusOf(wire: Login, signal: string): Promise<string | null> {
  let found: string | null = null;
  const sql = `SELECT status FROM ops.rereads WHERE signal_id = ${literal(signal)}`;
  await streamQuery(wire, sql, {
    columns: () => undefined,
    row: ([status]) => (found = status ?? null),
  });
  return found;
}

export function refused({ table }: Pick<ResnapshotInput, 'table'>, why: string): LedgerflowError {
  return new LedgerflowError('LF_RESNAPSHOT', `${table} was not read again: ${why}`, { where: table });
}
