// The catalog that other processes read. The live one is locked by the processor, so after every publication a copy is
// put in its place as a whole: written beside it, checkpointed, fsynced, renamed. A reader that has the one before open
// keeps reading it; data files outlive it by the retention of maintain.ts.

import { rm, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { fsyncFolder } from '../../infra/runtime/atomic-file.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { syncFile } from './durable.ts';
import { CATALOG, type LakePaths } from './lake-catalog.ts';

const COPY = 'ledgerflow_catalog_copy';

/** Replaces <home>/lake/ledgerflow.ducklake by the catalog's present state. */
export async function copyCatalog(connection: DuckDBConnection, paths: LakePaths): Promise<void> {
  const temporary = `${paths.readersCatalog}.tmp`;
  await connection.run(`DETACH DATABASE IF EXISTS ${COPY}`);
  await removeWithWal(temporary);
  await connection.run(`ATTACH ${literal(temporary)} AS ${COPY}`);
  faultPoint('catalog.attached');
  try {
    await connection.run(`COPY FROM DATABASE ${CATALOG} TO ${COPY}`);
    await makeRelative(connection, paths);
    faultPoint('catalog.filled');
    await connection.run(`CHECKPOINT ${COPY}`);
  } finally {
    await connection.run(`DETACH ${COPY}`);
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
async function makeRelative(connection: DuckDBConnection, paths: LakePaths): Promise<void> {
  const adopted = literal(`${path.join(paths.data, 'bronze', 'changes')}/`);
  await connection.run(`UPDATE ${COPY}.ducklake_data_file SET path = substr(path, length(${adopted}) + 1), path_is_relative = true
    WHERE NOT path_is_relative AND starts_with(path, ${adopted})`);
}

async function removeWithWal(file: string): Promise<void> {
  await rm(file, { force: true });
  await rm(`${file}.wal`, { force: true });
}
