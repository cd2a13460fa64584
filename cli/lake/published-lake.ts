// The published lake for a command: the readers' catalog attached read-only, in a DuckDB of its own, at its newest state or an older one.

import { existsSync } from 'node:fs';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { cacheFolder } from '../../infra/native/obtain/cache.ts';
import { findDucklake } from '../../infra/native/obtain/ducklake.ts';
import { readPartsLock } from '../../infra/native/obtain/lock-file.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { literal } from '../../infra/runtime/sql-text.ts';

const MEMORY_LIMIT = '2GB';

export interface PublishedLake extends AsyncDisposable {
  /** Has the lake as `lake`. */
  readonly connection: DuckDBConnection;
}

/**
 * @param catalog the readers' catalog
 * @param at number of a snapshot, or a time that DuckDB reads as TIMESTAMPTZ; the newest by default
 * @returns null when nothing is published yet
 * @throws LedgerflowError LF_LAKE_OPEN; LF_USAGE for a snapshot that there is not
 */
export async function attachPublished(
  config: Pick<Config, 'cache' | 'ducklakeExtensionPath'>,
  catalog: string,
  at?: string,
): Promise<PublishedLake | null> {
  if (!existsSync(catalog)) return null;
  const extension = findDucklake(cacheFolder(config.cache), readPartsLock(), config.ducklakeExtensionPath);
  if (extension === undefined) throw new LedgerflowError('LF_LAKE_OPEN', 'the DuckLake extension is not in the cache');
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false', memory_limit: MEMORY_LIMIT });
  const connection = await instance.connect();
  const close = (): Promise<void> => {
    connection.closeSync();
    instance.closeSync();
    return Promise.resolve();
  };
  const place = at === undefined ? '' : /^\d+$/.test(at) ? `, SNAPSHOT_VERSION ${at}` : `, SNAPSHOT_TIME ${literal(at)}`;
  try {
    await connection.run(`LOAD ${literal(extension)}; ATTACH ${literal(`ducklake:${catalog}`)} AS lake (READ_ONLY${place})`);
  } catch (error) {
    await close();
    throw new LedgerflowError(at === undefined ? 'LF_LAKE_OPEN' : 'LF_USAGE', messageOf(error), { where: catalog, cause: error });
  }
  return { connection, [Symbol.asyncDispose]: close };
}
