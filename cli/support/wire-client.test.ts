// `ledgerflow sql`'s client against the real PostgreSQL endpoint over a small DuckDB.

import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWire } from '../../dashboards/wire/server.ts';
import { silentLog } from '../../infra/runtime/log.ts';
import type { Cell } from './table.ts';
import { streamQuery, type ResultColumn } from './wire-client.ts';

let wire: Awaited<ReturnType<typeof startWire>>;
let login: Parameters<typeof streamQuery>[0];

beforeAll(async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`CREATE SCHEMA gold; CREATE TABLE gold.exact AS
    SELECT 9223372036854775807::BIGINT AS id, 12345678901234567890.1234::DECIMAL(38,4) AS amount, true AS ok, NULL::VARCHAR AS nothing, 'a''b' AS text`);
  login = { host: '127.0.0.1', port: 0, user: 'ledgerflow', password: 'secret', database: 'ledgerflow' };
  wire = await startWire({
    ...login,
    port: 0,
    connect: () => instance.connect(),
    minGtidTimeoutMs: 1_000,
    statementTimeoutMs: 5_000,
    rowsMax: 1_000,
    concurrencyMax: 2,
    connectionsMax: 4,
    log: silentLog(),
  });
  login = { ...login, port: wire.port };
});

afterAll(async () => {
  await wire?.[Symbol.asyncDispose]();
});

async function query(sql: string): Promise<{ columns: readonly ResultColumn[]; rows: (readonly Cell[])[] }> {
  const rows: (readonly Cell[])[] = [];
  let columns: readonly ResultColumn[] = [];
  await streamQuery(login, sql, {
    columns: (found) => {
      columns = found;
    },
    row: (cells) => rows.push(cells),
  });
  return { columns, rows };
}

describe('streamQuery', () => {
  it('gives every value digit for digit', async () => {
    const { columns, rows } = await query('SELECT id, amount, ok, nothing, text FROM gold.exact');
    expect(rows).toEqual([['9223372036854775807', '12345678901234567890.1234', 't', null, "a'b"]]);
    expect(columns.map(({ name, kind }) => [name, kind])).toEqual([
      ['id', 'integer'],
      ['amount', 'decimal'],
      ['ok', 'boolean'],
      ['nothing', 'text'],
      ['text', 'text'],
    ]);
  });

  it('tells the columns of an empty result', async () => {
    const { columns, rows } = await query('SELECT id FROM gold.exact WHERE false');
    expect([columns.map((column) => column.name), rows]).toEqual([['id'], []]);
  });

  it('passes on what the server says about a wrong statement', async () => {
    await expect(query('SELECT nope FROM gold.exact')).rejects.toMatchObject({
      code: 'LF_SQL_FAILED',
      message: expect.stringMatching(/nope.*SQLSTATE/s),
    });
  });

  it('names a wrong password and an endpoint that does not answer', async () => {
    const sink = { columns: () => undefined, row: () => undefined };
    await expect(streamQuery({ ...login, password: 'wrong' }, 'SELECT 1', sink)).rejects.toMatchObject({ code: 'LF_WIRE_LOGIN' });
    await expect(streamQuery({ ...login, port: 1 }, 'SELECT 1', sink)).rejects.toMatchObject({ code: 'LF_WIRE_UNREACHABLE' });
  });
});
