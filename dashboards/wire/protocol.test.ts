// The protocol as node-postgres speaks it: simple and extended queries, text and binary values, transactions, cursors.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client, QueryConfig } from 'pg';
import { sqlstateOf, wireWorld, type WireWorld } from './testkit.ts';

let world: WireWorld;
let client: Client;

beforeAll(async () => {
  world = await wireWorld();
  client = await world.client();
});
afterAll(async () => world[Symbol.asyncDispose]());

/** One row's raw texts, as they travelled. */
async function texts(sql: string, values?: unknown[]): Promise<(string | null)[]> {
  const types = { getTypeParser: () => (text: string) => text };
  const result = await client.query({ text: sql, rowMode: 'array', types, ...(values === undefined ? {} : { values }) });
  return result.rows[0] as (string | null)[];
}

describe('values', () => {
  it('prints whole numbers and decimals exactly', async () => {
    const row =
      await texts(`SELECT 9007199254740993::BIGINT, CAST('-9223372036854775808' AS BIGINT), 18446744073709551615::UBIGINT, 170141183460469231731687303715884105727::HUGEINT,
      12345678901234567890.1234::DECIMAL(38,4), -0.0001::DECIMAL(20,4), 0::DECIMAL(10,2), 255::UTINYINT, 4294967295::UINTEGER`);
    expect(row).toEqual([
      '9007199254740993',
      '-9223372036854775808',
      '18446744073709551615',
      '170141183460469231731687303715884105727',
      '12345678901234567890.1234',
      '-0.0001',
      '0.00',
      '255',
      '4294967295',
    ]);
  });

  it('prints dates and times as PostgreSQL does', async () => {
    const row =
      await texts(`SELECT DATE '2026-02-28', DATE '0044-03-15 (BC)', TIMESTAMP '2026-01-01 12:34:56.7', TIMESTAMPTZ '2026-01-01 00:00:00+02', TIME '23:59:59.000001',
      INTERVAL '1 year 2 months 3 days 4 hours', INTERVAL '-5 minutes', 'infinity'::TIMESTAMP, '-infinity'::DATE, TIMESTAMP '1969-12-31 23:59:59.999999'`);
    expect(row).toEqual([
      '2026-02-28',
      '0044-03-15 BC',
      '2026-01-01 12:34:56.7',
      '2025-12-31 22:00:00+00',
      '23:59:59.000001',
      '1 year 2 mons 3 days 04:00:00',
      '-00:05:00',
      'infinity',
      '-infinity',
      '1969-12-31 23:59:59.999999',
    ]);
  });

  it('prints the rest', async () => {
    const row =
      await texts(`SELECT NULL, true, false, '\\x00\\xFF'::BLOB, 0.1::FLOAT, 0.1::DOUBLE, 'NaN'::DOUBLE, '-infinity'::DOUBLE, 'b'::ENUM('a', 'b'), 'ü€😀',
      '5b1f8c3e-0000-4000-8000-00000000abcd'::UUID, [1, NULL, 9007199254740993], {'a': 1.50::DECIMAL(5,2), 'b': ['x"y']}, MAP {'k': 1}, '{"a": 1}'::JSON`);
    expect(row).toEqual([
      null,
      't',
      'f',
      '\\x00ff',
      '0.1',
      '0.1',
      'NaN',
      '-Infinity',
      'b',
      'ü€😀',
      '5b1f8c3e-0000-4000-8000-00000000abcd',
      '[1,null,9007199254740993]',
      '{"a":1.50,"b":["x\\"y"]}',
      '{"k":1}',
      '{"a": 1}',
    ]);
  });

  it('announces types and modifiers', async () => {
    const { fields } = await client.query(
      `SELECT 1::BIGINT, 1::INTEGER, 1::SMALLINT, 1.5::DECIMAL(20,4), 'x', now(), DATE '2026-01-01', TIMESTAMP '2026-01-01', true, ''::BLOB, '{}'::JSON, 1::HUGEINT, [1], uuid()`,
    );
    expect(fields.map(({ dataTypeID }) => dataTypeID)).toEqual([20, 23, 21, 1700, 25, 1184, 1082, 1114, 16, 17, 114, 1700, 114, 2950]);
    expect(fields[3]?.dataTypeModifier).toBe(((20 << 16) | 4) + 4);
  });

  it('sends binary values that node-postgres decodes to the same', async () => {
    const sql = `SELECT 42::INTEGER AS a, 7::SMALLINT AS b, 9007199254740993::BIGINT AS c, 1.5::DOUBLE AS d, true AS e, 'text' AS f, TIMESTAMPTZ '2026-01-01 01:02:03.456Z' AS g, NULL AS h`;
    const { rows } = await client.query({ text: sql, values: [], binary: true } as QueryConfig);
    expect(rows[0]).toEqual({
      a: 42,
      b: 7,
      c: '9007199254740993',
      d: 1.5,
      e: true,
      f: 'text',
      g: new Date('2026-01-01T01:02:03.456Z'),
      h: null,
    });
  });
});

describe('statements', () => {
  it('answers several statements of one simple query', async () => {
    const results = (await client.query<never>(
      `SELECT 1 AS a; SELECT 'x;y' AS b; /* ; */ SELECT count(*) FROM silver.accounts -- ;`,
    )) as unknown as { rows: unknown[] }[];
    expect(results.map(({ rows }) => rows)).toEqual([[{ a: 1 }], [{ b: 'x;y' }], [{ count: '10000' }]]);
  });

  it('answers an empty query', async () => {
    expect((await client.query('')).rows).toEqual([]);
    expect((await client.query('-- ping')).rows).toEqual([]);
  });

  it('binds parameters whose type the statement tells, the client tells, or nobody tells', async () => {
    const { rows } = await client.query(
      'SELECT owner FROM silver.accounts WHERE account_id = $1 AND opened_at >= $2 AND balance <= $3 LIMIT $4',
      [9, new Date('2026-01-01T00:00:00Z'), '11.2500', 5],
    );
    expect(rows).toEqual([{ owner: 'owner 9' }]);
    expect(
      (
        await client.query('SELECT $1 AS a, $2::BIGINT + 1 AS b, $3 || $1 AS c, $4::BLOB AS d', [
          "it's",
          '9007199254740993',
          'x',
          Buffer.from([0, 255]),
        ])
      ).rows,
    ).toEqual([{ a: "it's", b: '9007199254740994', c: "xit's", d: Buffer.from([0, 255]) }]);
    expect(
      (await client.query('SELECT count(*)::INTEGER AS n FROM silver.accounts WHERE account_id = ANY($1::BIGINT[])', [[1, 2, 3]])).rows,
    ).toEqual([{ n: 3 }]);
  });

  it('says when nothing tells the type of a parameter', async () => {
    expect((await client.query('SELECT $1 AS a FROM silver.accounts WHERE account_id = $2', ['x', 5])).rows).toEqual([{ a: 'x' }]);
    await expect(client.query('SELECT account_id + $1 FROM silver.accounts', [1])).rejects.toMatchObject({
      code: '42P18',
      hint: expect.stringContaining('$1::BIGINT'),
    });
    expect((await client.query('SELECT account_id + $1::BIGINT AS a FROM silver.accounts WHERE account_id = 1', [1])).rows).toEqual([
      { a: '2' },
    ]);
    expect(await sqlstateOf(client.query('SELECT $1, nope FROM silver.accounts', ['x']))).toBe('42703');
    expect(await sqlstateOf(client.query('SELECT * FROM silver.accounts WHERE account_id = $1', ['1.5']))).toBe('22P02');
  });

  it('refuses a value that does not fit and goes on', async () => {
    expect(await sqlstateOf(client.query('SELECT * FROM silver.accounts WHERE account_id = $1', ['one']))).toBe('22P02');
    expect(await sqlstateOf(client.query('SELECT * FROM silver.accounts WHERE opened_at = $1', ['yesterday']))).toBe('22007');
    expect((await client.query('SELECT 1 AS a')).rows).toEqual([{ a: 1 }]);
  });

  it('keeps named statements', async () => {
    const query = { name: 'by id', text: 'SELECT balance FROM silver.accounts WHERE account_id = $1' };
    expect((await client.query({ ...query, values: [4] })).rows).toEqual([{ balance: '5.0000' }]);
    expect((await client.query({ ...query, values: [8] })).rows).toEqual([{ balance: '10.0000' }]);
    await client.query('DEALLOCATE ALL');
  });

  it('hands out rows in portions', async () => {
    const result = await client.query({ text: 'SELECT range FROM range(5000) ORDER BY 1', values: [], rows: 7 } as QueryConfig);
    expect(result.rows).toHaveLength(5000);
  });

  it('names errors by SQLSTATE and says what would be right', async () => {
    expect(await sqlstateOf(client.query('SELEC 1'))).toBe('42601');
    expect(await sqlstateOf(client.query('SELECT FROM WHERE'))).toBe('42601');
    expect(await sqlstateOf(client.query('SELECT nope FROM silver.accounts'))).toBe('42703');
    expect(await sqlstateOf(client.query('SELECT nope(1)'))).toBe('42883');
    await expect(client.query('SELECT * FROM gold.daily_volume')).rejects.toMatchObject({
      code: '42P01',
      hint: expect.stringContaining('gold.daily_volumes'),
    });
  });

  it('reports an error that comes after rows were sent', async () => {
    // The library ends such a stream as if it were complete: 1.2 of 3 million rows, no error.
    const broken = `SELECT CAST(CASE WHEN i = 1500000 THEN 'x' ELSE '1' END AS INTEGER) AS n FROM range(3000000) t(i)`;
    await expect(client.query(broken)).rejects.toMatchObject({ code: '22P02', message: expect.stringContaining("'x'") });
    expect(
      await sqlstateOf(client.query(`SELECT CAST(CASE WHEN i = 1500000 THEN $1 ELSE '1' END AS INTEGER) FROM range(3000000) t(i)`, ['x'])),
    ).toBe('XX000');
  });

  it('explains and describes', async () => {
    expect((await client.query('EXPLAIN SELECT * FROM silver.accounts')).rows.map((row) => row['QUERY PLAN']).join('\n')).toContain(
      'SEQ_SCAN',
    );
    expect((await client.query('EXPLAIN (ANALYZE, FORMAT TEXT) SELECT 1')).fields[0]?.name).toBe('QUERY PLAN');
    expect((await client.query('DESCRIBE gold.daily_volumes')).rows).toHaveLength(4);
    expect((await client.query('SUMMARIZE gold.daily_volumes')).rows).toHaveLength(4);
    expect((await client.query('SHOW TABLES')).rows).toContainEqual({ schema: 'gold', name: 'daily_volumes', type: 'BASE TABLE' });
  });

  it('sees one state for a whole transaction', async () => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const count = async (): Promise<unknown> => (await client.query('SELECT count(*)::INTEGER AS n FROM silver.accounts')).rows[0].n;
    expect(await count()).toBe(10_000);
    await world.writer.run(`INSERT INTO _rows.accounts (account_id) VALUES (10000)`);
    expect(await count()).toBe(10_000);
    await client.query('COMMIT');
    expect(await count()).toBe(10_001);
    await world.writer.run(`DELETE FROM _rows.accounts WHERE account_id = 10000`);
  });

  it('follows the transaction rules of PostgreSQL after an error', async () => {
    await client.query('BEGIN');
    expect(await sqlstateOf(client.query('SELECT nope'))).toBe('42703');
    expect(await sqlstateOf(client.query('SELECT 1'))).toBe('25P02');
    expect((await client.query('COMMIT')).command).toBe('ROLLBACK');
    expect((await client.query('SELECT 1 AS a')).rows).toEqual([{ a: 1 }]);
  });
});

describe('settings', () => {
  it('keeps what clients set, applies zone and path, resets', async () => {
    const other = await world.client({ application_name: 'tests' });
    expect((await other.query('SHOW application_name')).rows).toEqual([{ application_name: 'tests' }]);
    await other.query(
      `SET extra_float_digits = 3; SET search_path TO silver, "$user"; SET TIME ZONE 'Europe/Berlin'; SET SESSION application_name = 'renamed'`,
    );
    expect((await other.query('SELECT count(*)::INTEGER AS n FROM accounts')).rows).toEqual([{ n: 10_000 }]);
    expect(
      (
        await other.query(
          `SELECT date_trunc('day', TIMESTAMPTZ '2026-06-01 23:30:00Z')::VARCHAR AS day, current_setting('search_path') AS path`,
        )
      ).rows,
    ).toEqual([{ day: '2026-06-02 00:00:00+02', path: 'silver, $user' }]);
    await other.query('DISCARD ALL');
    expect((await other.query('SHOW TimeZone')).rows).toEqual([{ TimeZone: 'UTC' }]);
    expect(await sqlstateOf(other.query('SELECT * FROM accounts'))).toBe('answered');
    expect(await sqlstateOf(other.query(`SET memory_limit = '1GB'`))).toBe('42704');
    expect(await sqlstateOf(other.query(`SET TimeZone = 'Nowhere/Land'`))).not.toBe('answered');
  });
});
