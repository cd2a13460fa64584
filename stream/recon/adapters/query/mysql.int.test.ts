// A MySQL query as a source, against a real server: exact values, bound days, and nothing written.

import mysql from 'mysql2/promise';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LedgerflowError } from '../../../../infra/runtime/errors.ts';
import { startMysql, type TestMysql } from '../../../../test/support/mysql-server.ts';
import type { StatementEntry } from '../port.ts';
import { inputsOf, readInput } from '../read.ts';
import { parseSource } from '../registry.ts';

let server: TestMysql;
let url: string;

beforeAll(async () => {
  server = await startMysql();
  const { host, port, user, password } = server;
  const connection = await mysql.createConnection({ host, port, user, password });
  await connection.query('CREATE DATABASE theirs');
  await connection.query('CREATE TABLE theirs.settled (id BIGINT UNSIGNED PRIMARY KEY, at DATETIME(6), amount DECIMAL(38,8), currency CHAR(3), note VARCHAR(100)) CHARSET utf8mb4'); // prettier-ignore
  await connection.query(`INSERT INTO theirs.settled VALUES
    (18446744073709551615, '2026-01-02 23:59:59.999999', 123456789012345678.01, 'USD', 'Zürich ✓'),
    (7, '2026-01-02 00:00:00', -0.10, 'USD', NULL), (8, '2026-01-03 00:00:00', 5, 'USD', 'next day')`);
  await connection.end();
  url = `mysql://${user}:${password}@${host}:${port}/theirs`;
});

afterAll(() => server[Symbol.asyncDispose]());

async function read(sql: string): Promise<StatementEntry[]> {
  const mapping = {
    externalId: 'id',
    bookedAt: 'at',
    money: { amount: 'amount' },
    currency: 'currency',
    description: 'note',
    dateFormat: 'iso',
  };
  const request = {
    source: parseSource({ name: 'theirs', adapter: { kind: 'mysql', url: 'theirs', sql, mapping } }, 'test'),
    businessDate: '2026-01-02',
  };
  const doors = { folder: '.', secret: () => `${url}\n` };
  const entries: StatementEntry[] = [];
  for (const input of await inputsOf(request, doors))
    for await (const part of readInput(request, input, doors)) if (part.kind === 'rows') entries.push(...part.entries);
  return entries;
}

it('gives every value as the server writes it, for the day that is bound', async () => {
  const entries = await read('SELECT * FROM settled WHERE at >= :date AND at < :next_date ORDER BY id');
  expect(entries.map(({ externalId, bookedAt, amount, description }) => [externalId, bookedAt, amount, description])).toEqual([
    ['7', '2026-01-02T00:00:00.000Z', '-0.10', ''],
    ['18446744073709551615', '2026-01-02T23:59:59.999Z', '123456789012345678.01', 'Zürich ✓'],
  ]);
});

it('writes nothing, and says what MySQL said', async () => {
  const failure: unknown = await read('INSERT INTO settled (id) VALUES (9)').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(LedgerflowError);
  expect((failure as LedgerflowError).toLine()).toMatch(/LF_STATEMENT_INPUT: .*READ ONLY transaction/);
  expect(String(failure)).not.toContain(server.password);
});
