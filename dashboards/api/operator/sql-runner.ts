// One statement of the SQL page on a connection of its own. The endpoint only reads; here are the limits of a page: time, rows, bytes.

import pg from 'pg';
import type { Login } from '../../../infra/native/run-file.ts';
import { messageOf } from '../../../infra/runtime/errors.ts';
import type { Cell } from '../answers/common.ts';
import type { SqlAnswer } from '../answers/operator.ts';
import { ApiProblem } from '../problem.ts';
import { AS_TEXT } from '../store/store.ts';

export const SQL_ROWS_MAX = 500;
const SQL_BYTES_MAX = 2_000_000;
const STATEMENT_DEADLINE_MS = 10_000;
const CONNECT_DEADLINE_MS = 5_000;
const NUMERIC = new Set([20, 21, 23, 26, 700, 701, 1700]);

/** @throws ApiProblem statement_failed, unavailable */
export async function runSql(wire: Login, sql: string): Promise<SqlAnswer> {
  const client = new pg.Client({
    ...wire,
    types: AS_TEXT,
    connectionTimeoutMillis: CONNECT_DEADLINE_MS,
    statement_timeout: STATEMENT_DEADLINE_MS,
    application_name: 'ledgerflow-dashboards-sql',
  });
  client.on('error', () => undefined); // ended on purpose when the page has enough rows; a lost statement rejects by itself
  try {
    await client.connect();
  } catch (error) {
    throw new ApiProblem('unavailable', `the lake cannot be read: ${messageOf(error)}`, { cause: error });
  }
  try {
    return await collect(client, sql);
  } finally {
    await client.end().catch(() => undefined); // gone already
  }
}

interface Described {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}

function collect(client: pg.Client, sql: string): Promise<SqlAnswer> {
  const started = performance.now();
  const query = new pg.Query({ text: sql, rowMode: 'array', types: AS_TEXT } as pg.QueryConfig);
  const rows: Cell[][] = [];
  let columns: SqlAnswer['columns'] = [];
  let bytes = 0;
  const describe = (result: unknown): void => {
    const fields = (result as Described | undefined)?.fields ?? [];
    if (columns.length === 0) columns = fields.map(({ name, dataTypeID }) => ({ name, numeric: NUMERIC.has(dataTypeID) }));
  };
  return new Promise((resolve, reject) => {
    const finish = (truncated: boolean): void => resolve({ columns, rows, truncated, durationMs: Math.round(performance.now() - started) });
    query.on('row', (row: unknown, result?: unknown) => {
      describe(result);
      if (rows.length >= SQL_ROWS_MAX || bytes > SQL_BYTES_MAX) {
        finish(true);
        void client.end().catch(() => undefined); // closing the connection stops the statement
        return;
      }
      const cells = row as Cell[];
      bytes += cells.reduce((sum, cell) => sum + (cell?.length ?? 0), 0);
      rows.push(cells);
    });
    query.on('end', (result: unknown) => {
      describe(result);
      finish(false);
    });
    query.on('error', (error) => reject(failure(error)));
    client.query(query);
  });
}

function failure(error: Error & { readonly hint?: string; readonly detail?: string }): ApiProblem {
  const more = [error.detail, error.hint].filter((part) => part !== undefined && part !== '').join(' ');
  return new ApiProblem('statement_failed', `${error.message}${more === '' ? '' : ` ${more}`}`, { cause: error });
}
