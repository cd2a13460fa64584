// Maintenance on a real DuckLake: files stay few, snapshots and files go when their time has come, time travel stays
// right, the store's own segments are never touched, and a second process reads whole commits all the while.

import { execFile } from 'node:child_process';
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { diskUse, tableFiles } from './maintain.ts';
import { account, ACCOUNTS, lakeDifferences, testPublisher } from './testkit-publisher.ts';
import { TestStore } from './testkit.ts';

const opened: TestStore[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.destroy();
});

async function newStore(): Promise<TestStore> {
  const store = await TestStore.open();
  opened.push(store);
  await store.table(ACCOUNTS);
  return store;
}

describe('maintenance', () => {
  it('bounds the files of every table and keeps time travel right', async () => {
    const store = await newStore();
    await using publisher = await testPublisher(store, { limits: { retentionHours: 1, fileGraceMinutes: 60, filesPerTableMax: 5 } });
    const snapshots: { snapshot: number; sum: string }[] = [];
    for (let round = 1; round <= 24; round += 1) {
      const changes = [account('c', round, 'a', String(round))];
      if (round > 3) changes.push(account('u', round - 2, 'b', String(round * 10)), account('d', round - 3, 'b', '0'));
      await store.commit(changes);
      const note = await publisher.publishOnce();
      const [sum] = await store.read("SELECT count(*) || '/' || sum(balance) FROM lake.silver.accounts");
      snapshots.push({ snapshot: note?.snapshot ?? 0, sum: sum?.[0] ?? '' });
      if (round % 4 === 0) await publisher.maintainOnce();
    }
    await publisher.maintainOnce();
    for (const table of await tableFiles(store.reader)) expect(table.dataFiles + table.deleteFiles, table.name).toBeLessThanOrEqual(6);
    for (const [index, { snapshot, sum }] of snapshots.entries()) {
      const at = `AT (VERSION => ${snapshot})`;
      expect(await store.read(`SELECT count(*) || '/' || sum(balance) FROM lake.silver.accounts ${at}`)).toEqual([[sum]]);
      expect(await store.read(`SELECT max(commit_id) FROM lake.bronze.changes ${at}`)).toEqual([[String(index + 1)]]);
    }
    expect(await lakeDifferences(store)).toBe(0);
  });

  it('forgets snapshots and deletes files when their time has come, orphans too, but not the segments of the store', async () => {
    const store = await newStore();
    await using publisher = await testPublisher(store, { limits: { retentionHours: 0, fileGraceMinutes: 0, filesPerTableMax: 3 } });
    for (let round = 1; round <= 12; round += 1) {
      await store.commit([account(round === 1 ? 'c' : 'u', 1, 'a', String(round))]);
      await publisher.publishOnce();
    }
    const before = await diskUse(publisher.paths);
    const orphan = path.join(publisher.paths.data, 'silver', 'accounts', 'ducklake-orphan.parquet');
    writeFileSync(orphan, 'left by a crash');
    utimesSync(orphan, 1, 1);
    await store.commit([account('c', 2)]);
    await store.rollTail();
    await store.run('UPDATE ops.segments SET rows = rows');
    const [segment] = await store.read('SELECT file FROM ops.segments');
    utimesSync(path.join(store.bronzeFolder, String(segment?.[0])), 1, 1);
    const report = await publisher.maintainOnce();
    const again = await publisher.maintainOnce();
    expect(report?.compacted).toContain('bronze.changes');
    expect((report?.snapshotsExpired ?? 0) + (again?.snapshotsExpired ?? 0)).toBeGreaterThan(10);
    expect((await diskUse(publisher.paths)).files).toBeLessThan(before.files);
    expect(existsSync(orphan)).toBe(false);
    expect(readdirSync(store.bronzeFolder)).toContain(segment?.[0]);
    await publisher.publishOnce();
    expect(await lakeDifferences(store)).toBe(0);
  });

  it('a second process reads whole commits while the lake is published and compacted', async () => {
    const store = await newStore();
    await using publisher = await testPublisher(store, {
      limits: { retentionHours: 6, fileGraceMinutes: 120, filesPerTableMax: 6 },
    });
    await store.commit([account('c', 1, 'a', '100'), account('c', 2, 'b', '-100')]);
    await publisher.publishOnce();
    const script = path.join(import.meta.dirname, 'testkit-reader.ts');
    const reading = promisify(execFile)(process.execPath, [
      '--import',
      import.meta.resolve('tsx'),
      script,
      publisher.paths.readersCatalog,
      '6',
    ]);
    let done = false;
    const finished = reading.finally(() => (done = true));
    const publishing = (async () => {
      for (let round = 1; !done; round += 1) await (round % 5 === 0 ? publisher.maintainOnce() : publisher.publishOnce());
    })();
    for (let amount = 1; !done; amount += 1)
      await store.commit([account('u', 1, 'a', String(amount)), account('u', 2, 'b', String(-amount))]);
    const { stdout } = await finished;
    await publishing;
    const seen = JSON.parse(stdout) as { reads: number; torn: number };
    expect(seen.torn).toBe(0);
    expect(seen.reads).toBeGreaterThan(10);
    const compactions = await store.read("SELECT count(*) FROM ducklake_snapshots('lake') WHERE commit_message = 'compaction'");
    expect(Number(compactions[0]?.[0])).toBeGreaterThan(0);
    await publisher.publishOnce();
    expect(await lakeDifferences(store)).toBe(0);
  });
});
