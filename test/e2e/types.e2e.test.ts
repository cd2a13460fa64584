// Every MySQL type, key, character set and odd name through the real stack: rows of the snapshot, the same rows again through the binlog
// (as inserts, updates and in tables made while streaming), compared value by value with MySQL, in silver and in the published lake.

import type { DuckDBConnection } from '@duckdb/node-api';
import mysql from 'mysql2/promise';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ident } from '../../infra/runtime/sql-text.ts';
import { attachLake } from '../support/attach-lake.ts';
import { startMysql, type TestMysql } from '../support/mysql-server.ts';
import { startPipeline, waitFor, type TestPipeline } from '../support/pipeline.ts';
import { CHARSET_COLUMNS, CHARSET_TABLE, fillCharsets } from '../support/types/charset-table.ts';
import { ODD_TABLES } from '../support/types/relations.ts';
import { differences, lakeSelect, mysqlSelect, name, wideTable, type WorldColumn, type WorldTable } from '../support/types/tables.ts';
import { TEXT_FAMILIES } from '../support/types/world-texts.ts';
import { NUMBER_FAMILIES } from '../support/types/world.ts';

/** Rows of the snapshot are below it; copies by INSERT, by UPDATE and deleted ones above it, twice it, three times it. */
const STEP = 1_000;
const WIDE: readonly WorldTable[] = [...NUMBER_FAMILIES, ...TEXT_FAMILIES].map(wideTable);

let server: TestMysql;
let source: mysql.Connection;
let pipeline: TestPipeline;
let silver: pg.Client;
let charactersWritten: Map<string, number>;

async function connect(): Promise<mysql.Connection> {
  const connection = await mysql.createConnection({
    ...server,
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
  await connection.query('CREATE DATABASE IF NOT EXISTS bank CHARACTER SET utf8mb4');
  await connection.query('USE bank');
  // ENUM's error value '' and numbers beyond a column's range are written by lax sessions only.
  await connection.query(`SET SESSION sql_mode = 'NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION'`);
  return connection;
}

async function runAll(statements: readonly string[]): Promise<void> {
  for (const statement of statements) await source.query(statement);
}

/** The rows of the snapshot once more: inserted, updated into being, and inserted to be deleted; and in a table made in the stream. */
async function repeat({ table, ddl, written }: WorldTable): Promise<void> {
  const columns = written.map(name).join(', ');
  const copy = (to: string, shift: number): string =>
    `INSERT INTO ${to} (id, ${columns}) SELECT id + ${shift}, ${columns} FROM ${table} WHERE id < ${STEP}`;
  const last = `(SELECT max(id) FROM ${table} o WHERE o.id < ${STEP})`;
  await runAll([
    copy(table, STEP),
    `INSERT INTO ${table} (id, ${columns}) SELECT g.id + ${2 * STEP}, ${columns.replaceAll('`n', 's.`n').replaceAll('`r', 's.`r')} FROM ${table} g JOIN ${table} s ON s.id = ${last} WHERE g.id < ${STEP}`,
    `UPDATE ${table} t JOIN ${table} s ON s.id = t.id - ${2 * STEP} SET ${written.map((one) => `t.${name(one)} = s.${name(one)}`).join(', ')} WHERE t.id > ${2 * STEP}`,
    copy(table, 3 * STEP),
    `DELETE FROM ${table} WHERE id > ${3 * STEP}`,
    `CREATE TABLE ${table}_streamed ${ddl}`,
    copy(`${table}_streamed`, 0),
  ]);
}

async function mysqlRows(table: string, columns: readonly WorldColumn[], key?: string): Promise<unknown[][]> {
  const [rows] = await source.execute<mysql.RowDataPacket[][]>({ sql: mysqlSelect(table, columns, key), rowsAsArray: true });
  return rows;
}

type Reader = (sql: string) => Promise<unknown[][]>;
const fromSilver: Reader = async (sql) => (await silver.query<unknown[]>({ text: sql, rowMode: 'array' })).rows;

/** Lines of difference between MySQL and a reader's relations, over all tables of the world. */
async function allDifferences(read: Reader, schema: string): Promise<string[]> {
  const found: string[] = [];
  const compare = async (table: string, columns: readonly WorldColumn[]): Promise<void> => {
    const got = await read(lakeSelect(`${schema}.${ident(table)}`, columns)).catch((error: unknown) => String(error));
    if (typeof got === 'string') found.push(`${table}: ${got}`);
    else found.push(...differences(table, columns, await mysqlRows(table, columns), got));
  };
  for (const { table, columns } of WIDE) for (const each of [table, `${table}_streamed`]) await compare(each, columns);
  await compare(CHARSET_TABLE, CHARSET_COLUMNS);
  for (const { table, columns } of ODD_TABLES) {
    const text = (rows: unknown[][]): unknown[][] => rows.map((row, index) => [index, ...row.slice(1)]);
    const [first] = columns;
    const [wanted, got] = [await mysqlRows(table, columns, '1'), await read(lakeSelect(`${schema}.${ident(table)}`, columns, '1'))];
    const order = (rows: unknown[][]): unknown[][] =>
      text([...rows].sort((a, b) => (canonicalRow(columns, a) < canonicalRow(columns, b) ? -1 : 1)));
    if (first !== undefined) found.push(...differences(table, columns, order(wanted), order(got)));
  }
  return found;
}

function canonicalRow(columns: readonly WorldColumn[], row: readonly unknown[]): string {
  return JSON.stringify(
    columns.map(({ form }, index) => {
      const value = row[index + 1];
      return value === null || value === undefined ? null : (form.canonical?.(value) ?? value);
    }),
  );
}

beforeAll(async () => {
  server = await startMysql();
  source = await connect();
  for (const { table, ddl, inserts } of WIDE)
    await runAll([`CREATE TABLE ${table} ${ddl}`, ...inserts.map((row) => `INSERT INTO ${table} ${row}`)]);
  for (const { before } of ODD_TABLES) await runAll(before);
  charactersWritten = await fillCharsets(source);
  pipeline = await startPipeline({
    LEDGERFLOW_MYSQL_URL: `mysql://${server.user}:${server.password}@${server.host}:${server.port}`,
    LEDGERFLOW_SEED_DEMO: 'false',
    LEDGERFLOW_PUBLISH_INTERVAL_MS: '3000',
  });
  for (const table of WIDE) await repeat(table);
  for (const { after } of ODD_TABLES) await runAll(after);
  await source.query(
    `INSERT INTO ${CHARSET_TABLE} SELECT id + ${STEP}, ${CHARSET_COLUMNS.map((column) => column.name).join(', ')} FROM ${CHARSET_TABLE}`,
  );
  await pipeline.caughtUp();
  silver = await pipeline.sql();
});
afterAll(async () => {
  source?.destroy();
  await silver?.end().catch(() => undefined);
  await pipeline?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

describe('every type', () => {
  it('is in silver as it is in MySQL, from the snapshot and from the binlog', async () => {
    expect(await allDifferences(fromSilver, 'silver')).toEqual([]);
  });

  it('leaves nothing parked', async () => {
    expect(await fromSilver('SELECT table_name, reason, detail FROM ops.parked')).toEqual([]);
    expect((await pipeline.status()).heldTables).toEqual([]);
  });

  it('is the same from the snapshot and from the binlog', async () => {
    for (const { table, columns } of WIDE) {
      const rows = await fromSilver(lakeSelect(`silver.${table}`, columns));
      const half = (from: number): unknown[][] =>
        rows.filter(([id]) => Number(id) > from && Number(id) < from + STEP).map(([id, ...rest]) => [Number(id) - from, ...rest]);
      const snapshot = half(0);
      for (const from of [STEP, 2 * STEP]) expect(differences(`${table} + ${from}`, columns, snapshot, half(from))).toEqual([]);
    }
  });

  it('was tried with every character of every set', () => {
    expect([...charactersWritten.values()].every((count) => count >= 100)).toBe(true);
    expect(charactersWritten.get('utf8mb4')).toBeGreaterThan(50_000);
    expect(charactersWritten.get('gbk')).toBeGreaterThan(20_000);
  });

  it('is the same in the published lake', async () => {
    await source.query('INSERT INTO keyless VALUES (77, NULL)');
    await pipeline.caughtUp();
    const commit = (await pipeline.status()).commitId ?? 0;
    await waitFor('a publication of all of it', 240_000, async () => ((await pipeline.status()).publication?.commitId ?? 0) >= commit);
    await using lake = await attachLake((await pipeline.status()).lake?.catalog ?? '');
    const read: Reader = (sql) => textRows(lake.connection, sql);
    // A Parquet dictionary has one entry for 0 and -0 of a FLOAT.
    const found = await allDifferences(read, 'lake.silver');
    expect(found.filter((line) => !/FLOAT.*MySQL 8000000000000000, lake 0000000000000000$/.test(line))).toEqual([]);
  });
});

describe('every type', () => {
  it('has one digest in MySQL, silver and the published lake', async () => {
    const { stdout, stderr } = await pipeline.run('verify', '--json');
    const { tables } = JSON.parse(stdout === '' ? stderr : stdout) as {
      tables: { table: string; layer: string; status: string; reason: string | null }[];
    };
    expect(tables.filter(({ status }) => status !== 'equal').map(({ table, layer, reason }) => [table, layer, reason])).toEqual([
      ['keyless', 'store', expect.stringContaining('no primary key')],
    ]);
    expect(tables.length).toBeGreaterThan(150);
  });
});

async function textRows(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRows();
}

describe('what cannot be carried', () => {
  const HELD: readonly (readonly [table: string, ddl: string, row: string, reason: RegExp])[] = [
    ['bits', '(k BIT(16) PRIMARY KEY)', '(7)', /BIT wider than 8/],
    ['singles', '(k FLOAT PRIMARY KEY)', '(0.5)', /FLOAT in a primary key/],
    ['reals', '(id INT PRIMARY KEY, r REAL)', '(1, 0.1)', /REAL/],
    ['swedish', '(id INT PRIMARY KEY, t VARCHAR(9) CHARACTER SET swe7)', `(1, 'a')`, /swe7/],
    ['reserved', '(id INT PRIMARY KEY, _pos INT)', '(1, 2)', /_pos/],
    ['w_bits_history', '(id INT PRIMARY KEY)', '(1)', /history of table w_bits/],
    ['W_BITS', '(id INT PRIMARY KEY)', '(1)', /by case only/],
    ['sp+ace', '(id INT PRIMARY KEY)', '(5)', /its topic would be that of table sp ace/],
  ];

  it.each(HELD)('is held by name: %s', async (table, ddl, row, reason) => {
    await runAll([`CREATE TABLE ${name(table)} ${ddl}`, `INSERT INTO ${name(table)} VALUES ${row}`]);
    await pipeline.caughtUp();
    const held = (await pipeline.status()).heldTables.find((one) => one.table === table);
    expect(held).toMatchObject({ code: 'LF_COLUMN_UNSUPPORTED', reason: expect.stringMatching(reason) as string, records: 1 });
  });

  it('leaves the tables beside it alone', async () => {
    expect(await fromSilver('SELECT id FROM silver."sp ace" ORDER BY id')).toEqual([['1'], ['11'], ['12']]);
  });

  it('is parked by name when single values are lost', async () => {
    await runAll([
      `CREATE TABLE lost (id INT PRIMARY KEY, t VARCHAR(9) CHARACTER SET latin1)`,
      `INSERT INTO lost VALUES (1, _latin1 x'81'), (2, 'ä')`,
    ]);
    await pipeline.caughtUp();
    expect(await fromSilver('SELECT id, t FROM silver.lost')).toEqual([['2', 'ä']]);
    expect(await fromSilver(`SELECT reason, detail FROM ops.parked WHERE table_name = 'lost'`)).toEqual([
      ['LF_RECORD_UNCONVERTIBLE', expect.stringContaining('field t')],
    ]);
  });

  it('is named by the doctor', async () => {
    await source.query(`SET SESSION sql_mode = ''`);
    await runAll(['CREATE TABLE zeros (id INT PRIMARY KEY, d DATE)', `INSERT INTO zeros VALUES (1, '0000-00-00')`]);
    const { stdout } = await pipeline.run('doctor', '--json');
    const checks = JSON.parse(stdout) as { name: string; ok: boolean; found: string }[];
    const wrong = checks.filter(({ ok }) => !ok).map((check) => check.name);
    expect(wrong).toEqual(expect.arrayContaining(['table bits', 'table swedish', 'table sp ace, sp+ace', 'dates of table zeros']));
    expect(checks.find((check) => check.name === 'table keyless')?.found).toMatch(/append-only/);
  });
});
