// Takes a backup of store, lake and offsets while streaming goes on (docs/adr/0029). The lake stands still only while its files get a
// second name; the store's file is what its last checkpoint made of it, and is copied while commits go to the write-ahead log beside it.

import { constants, existsSync } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { fsyncFolder, writeFileAtomic } from '../../infra/runtime/atomic-file.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { unpublishedSegments } from '../publish/bronze.ts';
import { syncFile } from '../publish/durable.ts';
import type { LakePaths } from '../publish/lake-catalog.ts';
import { firstRow, rowsOf } from '../publish/sql.ts';
import type { Housekeeping } from '../store/housekeeping.ts';
import type { StoreHandle } from '../store/open.ts';
import { CATALOG_FILE, LAKE_DATA, MANIFEST, sha256Of, silverContent, STORE_FILE, type BackedUpFile, type Manifest } from './manifest.ts';

export interface BackupParts {
  readonly store: Pick<StoreHandle, 'file' | 'bronzeFolder' | 'connect'>;
  readonly housekeeping: Pick<Housekeeping, 'checkpoint' | 'counters' | 'holdCheckpoints'>;
  /** Runs the work while no publication and no maintenance touches the lake. */
  readonly lakeStill: <T>(work: (paths: LakePaths) => Promise<T>) => Promise<T>;
  /** Runs the work between two commits. */
  readonly atQuietPoint: <T>(work: () => Promise<T>) => Promise<T>;
  readonly codeVersion: string;
}

/** Another connection in the middle of a transaction postpones a checkpoint: it is tried again for so long. */
const CHECKPOINT_PATIENCE_MS = 120_000;
const CHECKPOINT_PAUSE_MS = 250;
/** DuckDB's file begins with three header blocks, one of which every checkpoint writes. */
const HEADER_BYTES = 12_288;
const LINKS = 'backup-links';

/** What a backup that was broken off left in the lake: second names, which keep the room of files that are not needed any more. */
export async function dropBackupLinks(lakeFolder: string): Promise<void> {
  await rm(path.join(lakeFolder, LINKS), { recursive: true, force: true });
}

type Cut = Omit<Manifest, 'format' | 'takenAt' | 'codeVersion' | 'content' | 'files'>;

/**
 * @param folder new; it has its name when the backup is complete
 * @throws LedgerflowError LF_BACKUP_FAILED; anything the disk raises
 */
export async function takeBackup(parts: BackupParts, folder: string): Promise<Manifest> {
  if (existsSync(folder)) throw new LedgerflowError('LF_BACKUP_FAILED', 'the folder is there already', { where: folder });
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(path.join(partial, 'store'), { recursive: true });
  await mkdir(path.join(partial, LAKE_DATA), { recursive: true });
  const reader = await parts.store.connect();
  const release = parts.housekeeping.holdCheckpoints();
  let links = '';
  try {
    const pinned = await parts.lakeStill(async (paths) => {
      links = path.join(paths.folder, LINKS);
      return await pinFiles(parts, paths, { links, partial, reader });
    });
    faultPoint('backup.pinned');
    const files = await copyAll(parts, { links, partial, header: pinned.header });
    const { header: _, ...cut } = pinned;
    const manifest: Manifest = {
      ...{ format: 1, takenAt: new Date().toISOString(), codeVersion: parts.codeVersion, ...cut },
      ...{ content: await silverContent(reader), files },
    };
    faultPoint('backup.copied');
    await writeFileAtomic(path.join(partial, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`);
    faultPoint('backup.written');
    await rename(partial, folder);
    await fsyncFolder(path.dirname(folder));
    return manifest;
  } finally {
    release();
    reader.closeSync();
    if (links !== '') await rm(links, { recursive: true, force: true });
  }
}

interface Places {
  readonly links: string;
  readonly partial: string;
  readonly reader: DuckDBConnection;
}

/** With the lake standing still: its catalog, a second name for each of its files, and the store at a cut. */
async function pinFiles(parts: BackupParts, paths: LakePaths, { links, partial, reader }: Places): Promise<Cut & { header: Buffer }> {
  await rm(links, { recursive: true, force: true });
  await copyFile(paths.readersCatalog, path.join(partial, CATALOG_FILE));
  const segments = path.resolve(parts.store.bronzeFolder);
  for (const entry of await readdir(paths.data, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || path.resolve(entry.parentPath) === segments) continue;
    const file = path.join(entry.parentPath, entry.name);
    await linkOrCopy(file, path.join(links, path.relative(paths.data, file)));
  }
  const pinned = await pinStore(parts, reader);
  for (const { file } of await unpublishedSegments(reader))
    await linkOrCopy(path.join(segments, file), path.join(links, path.relative(paths.data, path.join(segments, file))));
  return pinned;
}

/** Checkpoints the store between two commits and begins a transaction of the reader there. */
async function pinStore(parts: BackupParts, reader: DuckDBConnection): Promise<Cut & { header: Buffer }> {
  const deadline = performance.now() + CHECKPOINT_PATIENCE_MS;
  for (;;) {
    const pinned = await parts.atQuietPoint(async () => {
      const { counters } = parts.housekeeping;
      const before = counters.checkpoints;
      await parts.housekeeping.checkpoint();
      if (counters.checkpoints === before) return null;
      await reader.run('BEGIN TRANSACTION');
      return { ...(await readCut(reader)), header: await headerOf(parts.store.file) };
    });
    if (pinned !== null) return pinned;
    if (performance.now() > deadline)
      throw new LedgerflowError('LF_BACKUP_FAILED', 'no moment without other transactions was found to checkpoint the store');
    await sleep(CHECKPOINT_PAUSE_MS);
  }
}

async function readCut(reader: DuckDBConnection): Promise<Cut> {
  const state = await firstRow(reader, 'SELECT commit_id, seq, gtid, server_uuid, chain FROM ops.state');
  const offsets = await rowsOf(
    reader,
    'SELECT topic, partition, next_offset::VARCHAR FROM ops.offsets JOIN ops.topics USING (topic_id) ORDER BY topic, partition',
  );
  return {
    commitId: Number(state?.[0] ?? 0),
    seq: Number(state?.[1] ?? -1),
    gtid: (state?.[2] ?? null) as string | null,
    serverUuid: (state?.[3] ?? null) as string | null,
    chain: (state?.[4] ?? '') as string,
    offsets: offsets.map(([topic, partition, next]) => ({ topic: topic as string, partition: Number(partition), next: next as string })),
  };
}

async function headerOf(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    await handle.read(header, 0, HEADER_BYTES, 0);
    return header;
  } finally {
    await handle.close();
  }
}

/** Copies what is pinned, durably, with the sums of the copies. @throws LedgerflowError LF_BACKUP_FAILED when the store was checkpointed meanwhile */
async function copyAll(
  { store }: BackupParts,
  { links, partial, header }: { links: string; partial: string; header: Buffer },
): Promise<BackedUpFile[]> {
  const names = [STORE_FILE, CATALOG_FILE];
  await copyFile(store.file, path.join(partial, STORE_FILE), constants.COPYFILE_FICLONE);
  if (!(await headerOf(store.file)).equals(header))
    throw new LedgerflowError('LF_BACKUP_FAILED', 'the store was checkpointed while it was copied; try again at a quieter time');
  faultPoint('backup.store');
  for (const entry of await readdir(links, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const name = path.join(LAKE_DATA, path.relative(links, file));
    await mkdir(path.dirname(path.join(partial, name)), { recursive: true });
    await copyFile(file, path.join(partial, name), constants.COPYFILE_FICLONE);
    names.push(name);
  }
  const files: BackedUpFile[] = [];
  for (const name of names) {
    await syncFile(path.join(partial, name));
    files.push({ path: name, ...(await sha256Of(path.join(partial, name))) });
  }
  return files;
}

async function linkOrCopy(source: string, target: string): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  await link(source, target).catch(() => copyFile(source, target)); // file systems without hard links
}
