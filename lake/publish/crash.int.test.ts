// Crashes at every step of a publication, writers that come too late, and a lake that does not fit its store.

import { execFile } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { Step } from './source.ts';
import { account, ACCOUNTS, GOLD_SQL, lakeDifferences, testPublisher } from './testkit-publisher.ts';
import { TestStore } from './testkit.ts';

const opened: TestStore[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.destroy();
});

async function newStore(home?: string): Promise<TestStore> {
  const store = await TestStore.open(home);
  opened.push(store);
  await store.table(ACCOUNTS, home === undefined);
  return store;
}

/** Closes the store and opens it again, as a restart of the processor does. */
async function reopen(store: TestStore): Promise<TestStore> {
  await store[Symbol.asyncDispose]();
  opened.splice(opened.indexOf(store), 1);
  return newStore(store.home);
}

const STEPS: Step[] = ['adopted', 'written', 'synced', 'committed', 'acknowledged', 'copied'];

describe('a publication that breaks', () => {
  for (const step of STEPS) {
    for (const restart of [false, true]) {
      it(`at "${step}" is completed or repeated exactly once, ${restart ? 'after a restart' : 'in the same process'}`, async () => {
        let store = await newStore();
        let broken = true;
        const onStep = (at: Step): void => {
          if (broken && at === step) throw new Error(`crash at ${at}`);
        };
        let publisher = await testPublisher(store, { onStep });
        await store.commit([account('c', 1, 'a', '5'), account('c', 2)], GOLD_SQL);
        await expect(publisher.publishOnce()).rejects.toThrow(`crash at ${step}`);
        expect(publisher.status()).toMatchObject({ state: 'failed' });
        expect(await store.read('SELECT count(*), count(DISTINCT kafka_offset) FROM bronze.changes')).toEqual([['2', '2']]);
        broken = false;
        if (restart) {
          await publisher[Symbol.asyncDispose]();
          store = await reopen(store);
          publisher = await testPublisher(store);
          expect(await store.read('SELECT count(*), count(DISTINCT kafka_offset) FROM bronze.changes')).toEqual([['2', '2']]);
        }
        await store.commit([account('u', 1, 'b', '6'), account('c', 3)], GOLD_SQL);
        await publisher.publishOnce();
        expect(await lakeDifferences(store)).toBe(0);
        expect(await store.read('SELECT count(*) FROM lake.bronze.changes')).toEqual([['4']]);
        expect(
          await store.read(
            'SELECT list(publication_id ORDER BY publication_id), list(commit_id ORDER BY publication_id) FROM lake.ops.publications',
          ),
        ).toEqual(
          await store.read(
            'SELECT list(publication_id ORDER BY publication_id), list(commit_id ORDER BY publication_id) FROM ops.publications',
          ),
        );
        expect(await store.read('SELECT count(*) FROM ops.segments')).toEqual([['0']]);
        await publisher[Symbol.asyncDispose]();
      });
    }
  }

  it('shows readers of the store all of bronze exactly once between the two commits', async () => {
    const store = await newStore();
    const seen: string[][] = [];
    await using publisher = await testPublisher(store);
    await store.commit([account('c', 1)]);
    await publisher.publishOnce();
    await store.commit([account('c', 2), account('c', 3)]);
    let stop = false;
    const polling = (async () => {
      while (!stop) seen.push(...(await store.read('SELECT count(*), count(DISTINCT kafka_offset) FROM bronze.changes')));
    })();
    for (let round = 0; round < 10; round += 1) await publisher.publishOnce().then(() => store.commit([]));
    stop = true;
    await polling;
    expect(seen.length).toBeGreaterThan(5);
    expect(new Set(seen.map((row) => row.join('/')))).toEqual(new Set(['3/3']));
  });
});

describe('a lake and a store that do not belong together', () => {
  it('refuses a publisher of an older epoch', async () => {
    const store = await newStore();
    await using first = await testPublisher(store);
    await store.commit([account('c', 1)]);
    await first.publishOnce();
    const older = Object.create(store, { epoch: { value: store.epoch - 1 } }) as TestStore;
    await using publisher = await testPublisher(older);
    expect(publisher.status()).toMatchObject({ state: 'failed', reason: expect.stringContaining('LF_LAKE_FENCED') });
    const newer = Object.create(store, { epoch: { value: store.epoch + 1 } }) as TestStore;
    await using second = await testPublisher(newer);
    expect(second.status().state).toBe('idle');
    await store.commit([account('c', 2)]);
    await expect(first.publishOnce()).rejects.toMatchObject({ code: 'LF_LAKE_FENCED', kind: 'fatal' });
    expect(await second.publishOnce()).toMatchObject({ commitId: 2 });
  });

  it('refuses an older store, an emptied lake and a foreign lake', async () => {
    let store = await newStore();
    const publisher = await testPublisher(store);
    await store.commit([account('c', 1)]);
    await publisher.publishOnce();
    await publisher[Symbol.asyncDispose]();
    store = await reopen(store);
    await store.run('CHECKPOINT');
    cpSync(path.join(store.home, 'store'), path.join(store.home, 'old-store'), { recursive: true });
    const second = await testPublisher(store);
    await store.commit([account('c', 2)]);
    await second.publishOnce();
    await second[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    cpSync(path.join(store.home, 'store'), path.join(store.home, 'new-store'), { recursive: true });
    await withStore(store.home, 'old-store', 'LF_LAKE_AHEAD');
    const diverged = [account('c', 8), account('c', 9)];
    await withStore(store.home, 'old-store', 'LF_LAKE_FOREIGN', async (older) => {
      await older.commit(diverged);
    });
    rmSync(path.join(store.home, 'lake', 'catalog.ducklake'));
    rmSync(path.join(store.home, 'lake', 'catalog.ducklake.wal'), { force: true });
    await withStore(store.home, 'new-store', 'LF_LAKE_BEHIND');
  });

  /** Puts a copy of the store in place and expects its publisher to refuse the lake. */
  async function withStore(home: string, copy: string, code: string, before?: (store: TestStore) => Promise<void>): Promise<void> {
    rmSync(path.join(home, 'store'), { recursive: true });
    cpSync(path.join(home, copy), path.join(home, 'store'), { recursive: true });
    const store = await newStore(home);
    await store.run('UPDATE ops.state SET epoch = 100');
    await before?.(store);
    await using publisher = await testPublisher(Object.create(store, { epoch: { value: 100 } }) as TestStore);
    expect(publisher.status()).toMatchObject({ state: 'failed', reason: expect.stringContaining(code) });
    await store[Symbol.asyncDispose]();
    opened.splice(opened.indexOf(store), 1);
    if (opened.length === 0) opened.push(store);
  }
});

describe('without the extension', () => {
  it('publication waits and says why, readers see unpublished bronze, and it starts by itself', async () => {
    const store = await newStore();
    const home = store.home;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import',
      'tsx',
      path.join(import.meta.dirname, 'testkit-waiting.ts'),
      home,
    ]);
    expect(JSON.parse(stdout)).toEqual({
      state: 'waiting',
      reason: 'extension missing',
      published: null,
      bronze: '1',
      later: 'idle',
      commitId: 1,
    });
  });
});
