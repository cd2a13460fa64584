// The catalog of a real MySQL as the registration and the doctor read it.

import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { judgeTables } from '../schema/source-table.ts';
import { findLostDates, readSourceTables } from './source-tables.ts';

const TABLES = [
  'CREATE TABLE good (id BIGINT UNSIGNED PRIMARY KEY, f FLOAT, d DECIMAL(20,4) UNSIGNED ZEROFILL, e ENUM("a(1)", "b"), at DATETIME(6))',
  `INSERT INTO good VALUES (1, 1, 1, 'b', '2026-11-21 01:02:03.000004')`,
  'CREATE TABLE keyless (a INT)',
  'CREATE TABLE by_unique (a INT NOT NULL, b INT NULL, UNIQUE (b), UNIQUE (a))',
  'CREATE TABLE by_expression (id INT PRIMARY KEY, a INT, INDEX twice ((a * 2)))',
  'CREATE TABLE `dot.ted` (id INT PRIMARY KEY)',
  'CREATE TABLE dot_ted (id INT PRIMARY KEY)',
  'CREATE TABLE wide_bits (k BIT(16) PRIMARY KEY)',
  'CREATE TABLE swedish (id INT PRIMARY KEY, t TEXT CHARACTER SET swe7)',
  'CREATE TABLE left_out (k BIT(16) PRIMARY KEY)',
  'CREATE TABLE zeros (id INT PRIMARY KEY, `da``y` DATE NOT NULL)',
  `INSERT INTO zeros VALUES (1, '2026-00-15')`,
  'CREATE TABLE gap (id INT PRIMARY KEY, at DATETIME)',
  `INSERT INTO gap VALUES (1, '1582-10-10')`,
];

let server: TestMysql;
let connection: mysql.Connection;
beforeAll(async () => {
  server = await startMysql();
  connection = await mysql.createConnection({ host: server.host, port: server.port, user: server.user, password: server.password });
  await connection.query('CREATE DATABASE bank CHARACTER SET utf8mb4');
  await connection.query('USE bank');
  await connection.query(`SET SESSION sql_mode = ''`);
  for (const statement of TABLES) await connection.query(statement);
});
afterAll(async () => {
  connection?.destroy();
  await server?.[Symbol.asyncDispose]();
});

describe('the tables of a MySQL database', () => {
  it('are described as Debezium will describe them', async () => {
    const [good] = (await readSourceTables(connection, 'bank', [])).filter(({ schema }) => schema.table === 'good');
    expect(good?.schema.columns.map(({ typeName, length, scale }) => [typeName, length, scale])).toEqual([
      ['BIGINT UNSIGNED', null, null],
      ['FLOAT', null, null],
      ['DECIMAL UNSIGNED ZEROFILL', 20, 4],
      ['ENUM', null, null],
      ['DATETIME', 6, null],
    ]);
    expect(good?.schema.keyColumns).toEqual(['id']);
  });

  it('are judged by name', async () => {
    const { refused, held, appendOnly } = judgeTables(await readSourceTables(connection, 'bank', ['left_out']));
    expect(refused.map(({ table }) => table).sort()).toEqual(['dot.ted, dot_ted']);
    expect(held.map(({ table }) => table).sort()).toEqual(['swedish', 'wide_bits']);
    expect(appendOnly).toEqual(['keyless']);
  });

  it('are searched for dates that would be lost', async () => {
    const { found, unread } = await findLostDates(connection, await readSourceTables(connection, 'bank', []), 10_000);
    expect(found.map(({ table }) => table).sort()).toEqual(['gap', 'zeros']);
    expect(unread).toEqual([]);
  });
});
