// Every type that a bulk read carries comes back from its canonical text as it was; what cannot is refused by name.

import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogColumn } from '../../cdc/schema/source-table.ts';
import { columnType } from '../../cdc/schema/column-type.ts';
import type { ColumnSchema } from '../../cdc/schema/table-schema.ts';
import { canonicalColumn } from '../verify/canonical.ts';
import { bulkLine, fromText, notBulkReadable } from './bulk-rows.ts';
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

  it('is refused where it cannot be read back', () => {
    expect(notBulkReadable(ACCOUNTS)).toBeNull();
    expect(notBulkReadable({ ...ACCOUNTS, keyColumns: [] })).toBe('it has no primary key');
    expect(notBulkReadable({ ...ACCOUNTS, columns: [...ACCOUNTS.columns, columnOf('point')] })).toBe('its column v is a geometry');
  });
});
