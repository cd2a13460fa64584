// A backup of a store and lake at work: taken between commits that go on, tried, broken, restored, and gone on from.

import { existsSync } from 'node:fs';
import { appendFile, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CREATE_ACCOUNTS, openTestStore, type KeyedChange, type TestStore } from '../store/testkit.ts';
import type { Publisher } from '../publish/publisher.ts';
import { publisherOf, testExtension } from '../publish/testkit-publisher.ts';
import { drill } from './drill.ts';
import { checkFiles, readManifest } from './manifest.ts';
import { layOut, refuseUnfinishedRestore, restore } from './restore.ts';
import { takeBackup, type BackupParts } from './take.ts';

let home: string;
let folder: string;
let test: TestStore;
let publisher: Publisher;
let seq = 100;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'lf-backup-'));
  folder = path.join(home, 'the-backup');
  await open();
  await test.commit([], [CREATE_ACCOUNTS]);
  await commit(1, 50);
  await test.store.writer.run(
    `INSERT INTO ops.gold_state SELECT commit_id, NULL, now(), NULL, NULL FROM ops.state; DELETE FROM ops.offsets`,
  );
  await test.store.writer.run('CREATE TABLE gold.balances AS SELECT account_id, balance, 0::HUGEINT AS h FROM silver.accounts');
  await publisher.publishOnce();
  await commit(51, 60);
});
afterEach(async () => {
  await close();
  await rm(home, { recursive: true, force: true });
});

async function open(): Promise<void> {
  test = await openTestStore(home);
  publisher = await publisherOf(test, { goldModels: () => [{ name: 'balances', key: ['account_id'], refresh: 'sums', silverInputs: [] }] });
}

async function close(): Promise<void> {
  await publisher[Symbol.asyncDispose]();
  await test[Symbol.asyncDispose]();
}

const change = (id: number): KeyedChange => ({
  table: 'accounts',
  op: 'c',
  seq: (seq += 1),
  key: { account_id: id },
  after: { account_id: id, owner: `owner ${id}`, balance: '1.0000' },
});

async function commit(from: number, to: number): Promise<void> {
  await test.commit(Array.from({ length: to - from + 1 }, (_, i) => change(from + i)));
}

function parts(over: Partial<BackupParts> = {}): BackupParts {
  return {
    ...{ store: test.store, housekeeping: test.housekeeping, codeVersion: 'test' },
    lakeStill: (work) => publisher.whileStill(work),
    atQuietPoint: (work) => work(),
    ...over,
  };
}

const accounts = async (): Promise<number> => Number((await test.rows('SELECT count(*) FROM silver.accounts'))[0]?.[0]);

describe('a backup', () => {
  it('holds the cut it was taken at, whatever is committed, checkpointed or rolled while it is copied', async () => {
    const manifest = await takeBackup(
      parts({
        lakeStill: async (work) => {
          const pinned = await publisher.whileStill(work);
          await commit(61, 200);
          await test.housekeeping.roll(test.committer.commitId);
          expect(test.housekeeping.checkpointDue()).toBe(false);
          return pinned;
        },
      }),
      folder,
    );
    expect(await accounts()).toBe(200);
    expect(manifest.content['accounts']?.rows).toBe('60');
    expect(existsSync(path.join(home, 'lake', 'backup-links'))).toBe(false);
    const copy = path.join(home, 'tried');
    await layOut(folder, copy);
    expect(await drill(copy, manifest, await testExtension())).toMatchObject({ tables: 2, bronzeRows: 60, publishedCommit: 2 });
  });

  it('is refused when a checkpoint came between, and leaves nothing that looks like one', async () => {
    const file = path.join(home, 'store-that-changes');
    await copyFile(test.store.file, file);
    const lakeStill: BackupParts['lakeStill'] = async (work) => {
      const pinned = await publisher.whileStill(work);
      await writeFile(file, Buffer.alloc(16_384, 1));
      return pinned;
    };
    await expect(takeBackup(parts({ lakeStill, store: { ...test.store, file } }), folder)).rejects.toMatchObject({
      code: 'LF_BACKUP_FAILED',
    });
    expect(existsSync(folder)).toBe(false);
    await expect(readManifest(`${folder}.partial`)).rejects.toMatchObject({ code: 'LF_BACKUP_BROKEN' });
    await takeBackup(parts(), folder);
    await expect(takeBackup(parts(), folder)).rejects.toMatchObject({ code: 'LF_BACKUP_FAILED' });
  });

  it('is found broken: a byte of a file, a missing file, a row that the manifest does not know', async () => {
    const manifest = await takeBackup(parts(), folder);
    await checkFiles(folder, manifest);
    const file = path.join(folder, manifest.files.find(({ path: name }) => name.endsWith('.parquet'))!.path);
    const whole = await readFile(file);
    await appendFile(file, 'x');
    await expect(checkFiles(folder, manifest)).rejects.toMatchObject({ code: 'LF_BACKUP_BROKEN', where: file });
    await rm(file);
    await expect(restore(folder, path.join(home, 'other'))).rejects.toMatchObject({ code: 'LF_BACKUP_BROKEN' });
    await writeFile(file, whole);
    const other = { ...manifest, content: { ...manifest.content, accounts: { rows: '61', digest: '0' } } };
    const copy = path.join(home, 'tried');
    await layOut(folder, copy);
    await expect(drill(copy, other, await testExtension())).rejects.toMatchObject({ code: 'LF_BACKUP_BROKEN' });
  });
});

describe('a restore', () => {
  it('goes on where the backup stands, publishes, and keeps what was there before', async () => {
    const { commitId } = await takeBackup(parts(), folder);
    await commit(61, 90);
    await publisher.publishOnce();
    await close();
    const { aside } = await restore(folder, home);
    expect([existsSync(path.join(aside!, 'store')), existsSync(path.join(aside!, 'lake'))]).toEqual([true, true]);
    await open();
    expect([await accounts(), test.store.state.commitId]).toEqual([60, commitId]);
    seq = 160;
    await commit(61, 95);
    await publisher.publishOnce();
    expect(publisher.status()).toMatchObject({ state: 'idle', publication: { commitId: commitId + 1 } });
    const [[lake, bronze]] = (await test.rows(
      'SELECT (SELECT count(*) FROM lake.silver.accounts), (SELECT count(*) FROM bronze.changes)',
    )) as [[string, string]];
    expect([Number(lake), Number(bronze)]).toEqual([95, 95]);
  });

  it('that was broken off keeps the store shut until the same one has ended', async () => {
    await takeBackup(parts(), folder);
    await writeFile(path.join(home, 'restore.json'), JSON.stringify({ from: '/elsewhere', aside: '/elsewhere' }));
    expect(() => refuseUnfinishedRestore(home)).toThrow('different times');
    await expect(restore(folder, home)).rejects.toMatchObject({ code: 'LF_RESTORE_UNFINISHED' });
    await rm(path.join(home, 'restore.json'));
    refuseUnfinishedRestore(home);
  });
});
