// The lake's commands over a published test store: snapshots, differences, older states, files; damage found and mended.

import { appendFile, readdir, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../infra/runtime/config.ts';
import { checkLakeFiles } from '../../lake/publish/check-files.ts';
import type { Publisher } from '../../lake/publish/publisher.ts';
import { account, ACCOUNTS, GOLD_SQL, lakeDifferences, testExtension, testPublisher } from '../../lake/publish/testkit-publisher.ts';
import { TestStore } from '../../lake/publish/testkit.ts';
import { exportTables } from './lake-export.ts';
import { openLakeSession, type LakeSession } from './lake-session.ts';

let store: TestStore;
let publisher: Publisher;
let versions: number[];
let extension: string;

const session = (at?: string): Promise<LakeSession> =>
  openLakeSession({ ...loadConfig({ LEDGERFLOW_HOME: store.home }), ducklakeExtensionPath: extension }, at);

async function publish(): Promise<void> {
  await publisher.publishOnce();
  await using lake = await session();
  versions.push(Number((await lake.rows(`FROM ducklake_current_snapshot('lake')`)).rows[0]?.[0]));
}

beforeAll(async () => {
  [store, extension, versions] = [await TestStore.open(), await testExtension(), []];
  await store.table(ACCOUNTS);
  publisher = await testPublisher(store);
  await store.commit([account('c', 1, 'ada', '10'), account('c', 2, 'bob', '20')], GOLD_SQL);
  await publish();
  await store.commit([account('u', 1, 'ada', '5'), account('d', 2, 'bob', '20'), account('c', 3, 'eve', '7')], GOLD_SQL);
  await publish();
});
afterAll(async () => {
  await publisher[Symbol.asyncDispose]();
  await store.destroy();
});

const filesOf = async (table: string): Promise<string[]> => {
  const folder = path.join(store.home, 'lake', 'data', ...table.split('.'));
  return (await readdir(folder)).filter((name) => name.endsWith('.parquet')).map((name) => path.join(folder, name));
};

describe('reading', () => {
  it('an older state by snapshot, and the newest', async () => {
    for (const [at, sum] of [
      [String(versions[0]), '30.0000'],
      [undefined, '12.0000'],
    ] as const) {
      await using lake = await session(at);
      expect((await lake.rows('SELECT sum(balance) FROM silver.accounts')).rows).toEqual([[sum]]);
    }
    await expect(session('999999')).rejects.toMatchObject({ code: 'LF_USAGE' });
  });

  it('what changed between two snapshots', async () => {
    await using lake = await session();
    const changes = await lake.rows(
      `SELECT change_type, account_id::INT FROM ducklake_table_changes('lake', 'silver', 'accounts', ${versions[0]! + 1}, ${versions[1]!}) ORDER BY 2, 1`,
    );
    expect(changes.rows.filter(([kind]) => kind === 'delete' || kind === 'insert')).toEqual(
      expect.arrayContaining([
        ['delete', '2'],
        ['insert', '3'],
      ]),
    );
  });

  it('tables as files', async () => {
    await using lake = await session(String(versions[0]));
    const folder = path.join(store.home, 'out');
    const exported = await exportTables(lake, folder, { wanted: ['silver', 'gold.balances'], format: 'csv' });
    expect(exported.map(({ table, rows }) => [table, rows])).toEqual([
      ['silver.accounts', 2],
      ['gold.balances', 2],
    ]);
    await expect(exportTables(lake, folder, { wanted: ['gold.none'], format: 'csv' })).rejects.toMatchObject({ code: 'LF_USAGE' });
  });
});

describe('damage', () => {
  const damaged = async (): Promise<string[]> => {
    await using lake = await session();
    return (await checkLakeFiles(lake.connection)).damaged.map(({ table, what }) => `${table} ${what}`);
  };

  it('of silver and gold is found, and mended by the next publication', async () => {
    expect(await damaged()).toEqual([]);
    for (const file of await filesOf('silver.accounts')) await truncate(file, 40);
    for (const file of await filesOf('gold.balances')) await rm(file);
    expect((await damaged()).sort().map((text) => text.split(' ')[0])).toEqual(
      expect.arrayContaining(['gold.balances', 'silver.accounts']),
    );
    publisher.damaged.add('silver.accounts');
    publisher.damaged.add('gold.balances');
    expect(() => publisher.damaged.add('bronze.changes')).toThrow('silver and gold');
    await store.commit([account('c', 4, 'dan', '1')], GOLD_SQL);
    await publish();
    expect([await damaged(), await lakeDifferences(store), publisher.damaged.size]).toEqual([[], 0, 0]);
  });

  it('of bronze is found', async () => {
    const [file] = await filesOf('bronze.changes');
    await appendFile(file!, 'x');
    expect(await damaged()).toEqual([expect.stringMatching(/^bronze\.changes data: has \d+ bytes, was written with/)]);
  });
});
