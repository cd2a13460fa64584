// The catalog that other processes read. The live one is locked by the processor, so after every publication a copy is
// put in its place as a whole: written beside it, checkpointed, fsynced, renamed. A reader that has the one before open
// keeps reading it; data files outlive it by the retention of maintain.ts.

import { readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { fsyncFolder } from '../../infra/runtime/atomic-file.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { syncFile } from './durable.ts';
import { CATALOG, type LakePaths } from './lake-catalog.ts';

/** Copies made by this process. */
let copies = 0;

/**
 * Replaces <home>/lake/ledgerflow.ducklake by the catalog's present state. Every copy has a name and a file of its own: a transaction that
 * has looked over all attached databases keeps the last copy attached until it ends, whatever DETACH says.
 */
export async function copyCatalog(connection: DuckDBConnection, paths: LakePaths): Promise<void> {
  copies += 1;
  const copy = `ledgerflow_catalog_copy_${copies}`;
  const temporary = `${paths.readersCatalog}.${copies}.tmp`;
  await removeLeftovers(paths.readersCatalog);
  await connection.run(`ATTACH ${literal(temporary)} AS ${copy}`);
  faultPoint('catalog.attached');
  try {
    await connection.run(`COPY FROM DATABASE ${CATALOG} TO ${copy}`);
    await makeRelative(connection, paths, copy);
    faultPoint('catalog.filled');
    await connection.run(`CHECKPOINT ${copy}`);
  } finally {
    await connection.run(`DETACH ${copy}`);
  }
  const wal = await stat(`${temporary}.wal`).catch(() => null);
  if (wal !== null) throw new Error(`the catalog's copy kept a write-ahead log of ${wal.size} bytes`);
  await syncFile(temporary);
  faultPoint('catalog.synced');
  await rename(temporary, paths.readersCatalog);
  faultPoint('catalog.renamed');
  await fsyncFolder(paths.folder);
}

/** Adopted files are listed with absolute paths; below the data path they are found wherever a reader has the lake mounted. */
async function makeRelative(connection: DuckDBConnection, paths: LakePaths, copy: string): Promise<void> {
  const adopted = literal(`${path.join(paths.data, 'bronze', 'changes')}/`);
  await connection.run(`UPDATE ${copy}.ducklake_data_file SET path = substr(path, length(${adopted}) + 1), path_is_relative = true
    WHERE NOT path_is_relative AND starts_with(path, ${adopted})`);
}

/** Copies that were not finished, with their write-ahead logs. */
async function removeLeftovers(catalog: string): Promise<void> {
  const [folder, start] = [path.dirname(catalog), `${path.basename(catalog)}.`];
  const unfinished = (name: string): boolean => name.startsWith(start) && /\.tmp(\.wal)?$/.test(name);
  const names = (await readdir(folder)).filter(unfinished);
  await Promise.all(names.map((name) => rm(path.join(folder, name), { force: true })));
}
