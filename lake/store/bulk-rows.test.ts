// Every type that a bulk read carries comes back from its canonical text as it was; what cannot is refused by name.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogColumn } from '../../cdc/schema/source-table.ts';
import { columnType } from '../../cdc/schema/column-type.ts';
import type { ColumnSchema } from '../../cdc/schema/table-schema.ts';
import { canonicalColumn } from '../verify/canonical.ts';
import { bulkInsertSql, bulkLine, fromText, notBulkReadable } from './bulk-rows.ts';
import { ACCOUNTS } from './testkit.ts';

let instance: DuckDBInstance;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
});
afterAll(() => instance.closeSync());

const columnOf = (type: string): ColumnSchema =>
  catalogColumn(type, { name: 'v', nullable: true, position: 1, charset: 'utf8mb4', generated: false });

describe('a canonical text', () => {
  it.each([
    ['bigint unsigned', ['18446744073709551615', '0']],
    ['int', ['-2147483648']],
    ['decimal(20,4)', ['-9999999999999999.9999', '0.0001']],
    ['decimal(4,4)', ['0.0001', '-0.9999']],
    ['decimal(65,30)', ["'12345678901234567890123456789012345.123456789012345678901234567891'"]],
    ['bit(1)', ['true', 'false']],
    ['bit(64)', ['18446744073709551615']],
    ['date', ["DATE '0001-01-01'", "DATE '9999-12-31'"]],
    ['time(6)', ['-3020399999999']],
    ['datetime(6)', ["TIMESTAMP '1000-01-01 00:00:00.000001'", "TIMESTAMP '9999-12-31 23:59:59.999999'"]],
    ['timestamp(6)', ["TIMESTAMP '2026-11-21 06:49:33.361438'"]],
    ['year', ['0', '2155']],
    ['varchar(40)', ["''", "'~'", "'a|b' || chr(10) || chr(9) || '\"'", "'日本 🏦'"]],
    ["enum('x','y')", ["'x'"]],
    ['varbinary(8)', ["''::BLOB", "unhex('00FF7C7E0A')"]],
    ['json', [`'{"a":[1,"b c"]}'`]],
    ['double', ['0.1', '-1.7976931348623157e308', '2.2250738585072014e-308', '5e-324', '1e-99', '0']],
    ['float', ['0.1', '-3.4028235e38', '1.17549435e-38']],
  ])('of %s comes back as the value it was made of', async (type, values) => {
    const column = columnOf(type);
    const { duckdbType } = columnType(column);
    const cell = canonicalColumn(column).cell('duckdb');
    const connection = await instance.connect();
    const found = await connection.runAndReadAll(
      `SELECT v, ${fromText(column, 't')} AS back, t FROM (SELECT v, ${cell} AS t FROM (SELECT CAST(unnest([${values.join(', ')}, NULL]) AS ${duckdbType}) AS v))`,
    );
    expect(found.getRowsJson().filter(([v, back]) => JSON.stringify(v) !== JSON.stringify(back))).toEqual([]);
    expect(found.getRowsJson()).toHaveLength(values.length + 1);
    connection.closeSync();
  });

  it('stands between bars in MySQL’s line, NULL as a tilde', () => {
    expect(bulkLine(ACCOUNTS)).toBe(
      "CONCAT_WS('|', IFNULL(CAST(`account_id` AS CHAR), '~'), IFNULL(HEX(CONVERT(`owner` USING utf8mb4)), '~'), IFNULL(CAST(`balance` AS CHAR), '~'))",
    );
  });

  it('is read in small pieces where MySQL bounds a row, up to its longest one', async () => {
    const schema = { ...ACCOUNTS, columns: ['bigint', 'varchar(16000)'].map((type, i) => ({ ...columnOf(type), name: `c${i}` })) };
    const folder = await mkdtemp(path.join(tmpdir(), 'lf-bulk-'));
    const file = path.join(folder, '0.txt');
    await writeFile(file, `1|${Buffer.from('🏦'.repeat(16_000)).toString('hex')}\n2|~\n`);
    const read = { file, columns: ['c0', 'c1'], seq: 1, commitId: 1, takenUs: 1n };
    const sql = bulkInsertSql(schema, read);
    const connection = await instance.connect();
    const found = await connection.runAndReadAll(
      `SELECT length(v1) FROM (${sql.slice(sql.indexOf('SELECT'))}) t(v0, v1, op, pos, made_in, made_at) ORDER BY v0`,
    );
    expect(found.getRowsJson().map(([length]) => Number(length))).toEqual([16_000, 0]);
    const bufferOf = (type: string): number =>
      Number(/buffer_size = (\d+)/.exec(bulkInsertSql({ ...schema, columns: [columnOf(type)] }, { ...read, columns: ['v'] }))?.[1]);
    expect(['varchar(16000)', 'varbinary(8)', "enum('x')"].map(bufferOf)).toEqual([4, 4, 4].map((mb) => mb * 1024 * 1024));
    expect(['text', 'longblob', 'json', "set('x')"].map(bufferOf)).toEqual([128, 128, 128, 128].map((mb) => mb * 1024 * 1024));
    connection.closeSync();
    await rm(folder, { recursive: true });
  });

  it('is refused where it cannot be read back', () => {
    expect(notBulkReadable(ACCOUNTS)).toBeNull();
    expect(notBulkReadable({ ...ACCOUNTS, keyColumns: [] })).toBe('it has no primary key');
    expect(notBulkReadable({ ...ACCOUNTS, columns: [...ACCOUNTS.columns, columnOf('point')] })).toBe('its column v is a geometry');
  });
});
