import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../../infra/runtime/config.ts';
import { rebuild } from './rebuild.ts';

const NOW = new Date('2026-11-22T10:00:00.123Z');
const FOLDER = 'before-rebuild-20261122T100000Z';
const REREADS =
  'CREATE SCHEMA ops; CREATE TABLE ops.rereads (table_name VARCHAR, bulk BOOLEAN, status VARCHAR, keys VARCHAR, ended_commit BIGINT)';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'lf-rebuild-'));
  for (const name of ['mysql', 'kafka', 'store', 'lake']) {
    mkdirSync(path.join(home, name));
    writeFileSync(path.join(home, name, 'data'), name);
  }
});
afterEach(() => rmSync(home, { recursive: true }));
const config = () => loadConfig({ LEDGERFLOW_HOME: home });

async function store(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(path.join(home, 'store', 'ledgerflow.duckdb'));
  const connection = await instance.connect();
  await connection.run(`${REREADS}; ${sql}`);
  connection.closeSync();
  instance.closeSync();
}

it('moves store and lake aside together, and leaves MySQL and the topics', async () => {
  await store(`INSERT INTO ops.rereads VALUES ('accounts', false, 'done', NULL, 3)`);
  await expect(rebuild(config(), {})).rejects.toMatchObject({ code: 'LF_CONFIRMATION_NEEDED' });
  expect(await rebuild(config(), { yes: true }, NOW)).toEqual({
    ...{ folder: path.join(home, FOLDER), moved: ['store', 'lake'], backfill: [], unreadable: null },
  });
  expect(
    readdirSync(home)
      .filter((name) => name !== 'run.json')
      .sort(),
  ).toEqual([FOLDER, 'kafka', 'mysql']);
  expect(readdirSync(path.join(home, FOLDER)).sort()).toEqual(['lake', 'store']);
  expect(await rebuild(config(), { yes: true })).toMatchObject({ folder: null });
});

it('refuses where rows were read in bulk, which no topic has, and names their tables', async () => {
  await store(
    `INSERT INTO ops.rereads VALUES ('payments', true, 'done', NULL, 3), ('shops', true, 'done', NULL, 4), ('shops', false, 'done', NULL, 9)`,
  );
  await expect(rebuild(config(), { yes: true })).rejects.toMatchObject({
    ...{ code: 'LF_REBUILD_REFUSED', message: expect.stringContaining('rows of payments were read in bulk') as string },
  });
  expect(await rebuild(config(), { yes: true, withoutBulk: true }, NOW)).toMatchObject({ backfill: ['payments'] });
});

it('goes on with a store that cannot be read, and says what is not known then', async () => {
  writeFileSync(path.join(home, 'store', 'ledgerflow.duckdb'), 'no database');
  expect(await rebuild(config(), { yes: true }, NOW)).toMatchObject({
    moved: ['store', 'lake'],
    unreadable: expect.stringMatching(/\S/) as string,
  });
});
