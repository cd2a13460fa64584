// One statement over the PostgreSQL endpoint with node-postgres, row by row, every value as the text the server sent.

import pg from 'pg';
import type { Login } from '../../infra/native/run-file.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import type { Cell } from './table.ts';

export interface ResultColumn {
  readonly name: string;
  readonly kind: 'integer' | 'decimal' | 'float' | 'boolean' | 'text';
}

/** A result as it came: column names with their kinds, and rows of text. */
export interface Result {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface RowSink {
  /** Called once, before the rows. */
  columns(columns: readonly ResultColumn[]): void;
  row(cells: readonly Cell[]): void;
}

const CONNECT_DEADLINE_MS = 5_000;
const KINDS = new Map<number, ResultColumn['kind']>([
  [16, 'boolean'],
  [20, 'integer'],
  [21, 'integer'],
  [23, 'integer'],
  [26, 'integer'],
  [700, 'float'],
  [701, 'float'],
  [1700, 'decimal'],
]);
const asText = { getTypeParser: () => (value: string) => value };

/**
 * Runs `sql` and hands over its columns and rows.
 * @throws LedgerflowError LF_WIRE_UNREACHABLE, LF_WIRE_LOGIN, or LF_SQL_FAILED with the server's words.
 */
export async function streamQuery(login: Login, sql: string, sink: RowSink): Promise<void> {
  const client = new pg.Client({
    ...login,
    types: asText,
    connectionTimeoutMillis: CONNECT_DEADLINE_MS,
    application_name: 'ledgerflow-cli',
  });
  client.on('error', () => undefined); // a connection lost while idle; a lost query rejects by itself
  try {
    await client.connect();
  } catch (error) {
    throw connectFailure(login, error);
  }
  try {
    await submit(client, sql, sink);
  } finally {
    await client.end().catch(() => undefined); // the result is complete or the query has failed already
  }
}

/** All rows of a statement over the PostgreSQL endpoint. */
export async function queryAll(wire: Login, sql: string): Promise<Result> {
  let columns: readonly ResultColumn[] = [];
  const rows: (readonly Cell[])[] = [];
  await streamQuery(wire, sql, { columns: (found) => (columns = found), row: (cells) => rows.push(cells) });
  return { columns, rows };
}

interface RowDescription {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}

function submit(client: pg.Client, sql: string, sink: RowSink): Promise<void> {
  const query = new pg.Query({ text: sql, rowMode: 'array', types: asText } as pg.QueryConfig);
  let described = false;
  const describe = (result: RowDescription | undefined): void => {
    if (described || result === undefined) return;
    described = true;
    sink.columns(result.fields.map((field) => ({ name: field.name, kind: KINDS.get(field.dataTypeID) ?? 'text' })));
  };
  return new Promise((resolve, reject) => {
    query.on('row', (row: unknown, result?: unknown) => {
      describe(result as RowDescription | undefined);
      sink.row(row as Cell[]);
    });
    query.on('end', (result: unknown) => {
      describe(result as RowDescription | undefined);
      resolve();
    });
    query.on('error', (error: Error) => reject(queryFailure(error)));
    client.query(query);
  });
}

function connectFailure(login: Login, error: unknown): LedgerflowError {
  const where = `${login.user}@${login.host}:${login.port}/${login.database}`;
  if (String((error as { code?: unknown }).code).startsWith('28')) {
    return new LedgerflowError('LF_WIRE_LOGIN', messageOf(error), { where, cause: error });
  }
  return new LedgerflowError('LF_WIRE_UNREACHABLE', `the PostgreSQL endpoint does not answer: ${messageOf(error)}`, {
    where,
    cause: error,
  });
}

function queryFailure(error: Error & { code?: string; hint?: string; detail?: string }): LedgerflowError {
  const state = error.code === undefined ? '' : ` [SQLSTATE ${error.code}]`;
  const more = [error.detail, error.hint].filter((part) => part !== undefined && part !== '').join(' ');
  return new LedgerflowError('LF_SQL_FAILED', `${error.message}${state}${more === '' ? '' : ` ${more}`}`, { cause: error });
}
