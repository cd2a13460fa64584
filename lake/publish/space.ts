// Room for a publication: a checkpoint of a catalog that finds none would end DuckDB's instance, and ingestion with it.

import { statSync } from 'node:fs';
import { freeBytes } from '../../infra/runtime/disk-full.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { LakePaths } from './lake-catalog.ts';

/** The live catalog's checkpoint and the readers' new copy. */
const CATALOG_COPIES = 3;

/** @throws LedgerflowError LF_DISK_FULL with less than the reserve and what the catalogs may need */
export function refuseFullDisk({ folder, catalog }: LakePaths, reserveBytes: number): void {
  const needed = reserveBytes + CATALOG_COPIES * (statSync(catalog, { throwIfNoEntry: false })?.size ?? 0);
  const free = freeBytes(folder);
  if (free < needed)
    throw new LedgerflowError('LF_DISK_FULL', `publication waits: ${free} bytes are free, ${needed} are needed`, { where: folder });
}
