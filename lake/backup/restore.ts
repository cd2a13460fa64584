// Puts a backup into a home folder in place of its store and lake, which are moved aside. A restore that is broken off leaves its note
// (restore.json): nothing opens the store while it is there, and the same command ends it.

import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { fsyncFolder, writeFileAtomic } from '../../infra/runtime/atomic-file.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import { syncFile } from '../publish/durable.ts';
import { CATALOG_FILE, checkFiles, readManifest, type Manifest } from './manifest.ts';

const PARTS = ['store', 'lake'] as const;
const COPY = 'restore.partial';
/** `had`: what was in the home before the restore began. */
const noteSchema = z.object({ from: z.string(), aside: z.string(), had: z.array(z.enum(PARTS)).default([...PARTS]) });

const noteFile = (home: string): string => path.join(home, 'restore.json');

/** @throws LedgerflowError LF_RESTORE_UNFINISHED when a restore into this home was broken off */
export function refuseUnfinishedRestore(home: string): void {
  const file = noteFile(home);
  if (existsSync(file)) throw new LedgerflowError('LF_RESTORE_UNFINISHED', 'store and lake may be of different times', { where: file });
}

/** Copies a backup's store and lake into `home`, which holds neither, after comparing every file with the manifest. */
export async function layOut(folder: string, home: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  await checkFiles(folder, manifest);
  await mkdir(home, { recursive: true });
  for (const part of PARTS) await cp(path.join(folder, part), path.join(home, part), { recursive: true, force: false, errorOnExist: true });
  // The readers' catalog names its files relative to the lake: it is the live one from now on, wherever the lake is.
  await copyFile(path.join(home, CATALOG_FILE), path.join(home, 'lake', 'catalog.ducklake'));
  return manifest;
}

/**
 * Nothing may run in the home. Repeatable: a restore that was broken off is ended, or begun anew from the same backup.
 * @returns the manifest, and the folder with what was there before (null when there was nothing)
 * @throws LedgerflowError LF_BACKUP_BROKEN, with nothing changed; LF_RESTORE_UNFINISHED when another backup's restore was broken off
 */
export async function restore(folder: string, home: string, now = new Date()): Promise<{ manifest: Manifest; aside: string | null }> {
  const copy = path.join(home, COPY);
  const from = path.resolve(folder);
  const begun = await readNote(home);
  if (begun !== null && begun.from !== from)
    throw new LedgerflowError('LF_RESTORE_UNFINISHED', `a restore from ${begun.from} was broken off`, { where: noteFile(home) });
  await rm(copy, { recursive: true, force: true });
  const manifest = await layOut(folder, copy);
  await syncTree(copy); // before anything is moved: a power cut must not leave names of files that are not there yet
  faultPoint('restore.copied');
  const stamp = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const aside = begun?.aside ?? path.join(home, `before-restore-${stamp}`);
  const had = begun?.had ?? PARTS.filter((part) => existsSync(path.join(home, part)));
  await writeFileAtomic(noteFile(home), `${JSON.stringify({ from, aside, had })}\n`);
  faultPoint('restore.noted');
  await mkdir(aside, { recursive: true });
  for (const part of PARTS) {
    const [there, kept] = [path.join(home, part), path.join(aside, part)];
    // What a broken restore has put in place already is the backup's, and is replaced by the same.
    if (existsSync(there) && (existsSync(kept) || !had.includes(part))) await rm(there, { recursive: true });
    else if (existsSync(there)) await rename(there, kept);
    faultPoint('restore.aside');
    await rename(path.join(copy, part), there);
    faultPoint('restore.placed');
  }
  await fsyncFolder(home);
  await rm(noteFile(home));
  await fsyncFolder(home);
  await rm(copy, { recursive: true, force: true });
  const empty = !PARTS.some((part) => existsSync(path.join(aside, part)));
  if (empty) await rm(aside, { recursive: true });
  return { manifest, aside: empty ? null : aside };
}

async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const place = path.join(entry.parentPath, entry.name);
    await (entry.isDirectory() ? fsyncFolder(place) : syncFile(place));
  }
  await fsyncFolder(folder);
}

async function readNote(home: string): Promise<z.output<typeof noteSchema> | null> {
  const file = noteFile(home);
  return existsSync(file) ? noteSchema.parse(JSON.parse(await readFile(file, 'utf8'))) : null;
}
