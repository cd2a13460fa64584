// The published lake for a command: the readers' catalog attached read-only in a DuckDB of its own, at its newest state or an older one.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { cacheFolder } from '../../infra/native/obtain/cache.ts';
import { findDucklake } from '../../infra/native/obtain/ducklake.ts';
import { readPartsLock } from '../../infra/native/obtain/lock-file.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { lakePaths } from '../../lake/publish/lake-catalog.ts';
import type { Cell, Column } from './table.ts';

const MEMORY_LIMIT = '2GB';

export interface LakeSession extends AsyncDisposable {
  readonly connection: DuckDBConnection;
  /** Every value as text. */
  rows(sql: string): Promise<{ columns: Column[]; rows: Cell[][] }>;
}

/**
 * @param at number of a snapshot, or a time that DuckDB reads as TIMESTAMPTZ; the newest by default
 * @throws LedgerflowError LF_LAKE_OPEN, LF_USAGE for a snapshot that there is not
 */
export async function openLakeSession(config: Pick<Config, 'home' | 'cache' | 'ducklakeExtensionPath'>, at?: string): Promise<LakeSession> {
  const catalog = lakePaths(path.join(config.home, 'lake')).readersCatalog;
  if (!existsSync(catalog)) throw new LedgerflowError('LF_LAKE_OPEN', 'nothing is published yet', { where: catalog });
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
    await connection.run(`LOAD ${literal(extension)}; ATTACH ${literal(`ducklake:${catalog}`)} AS lake (READ_ONLY${place}); USE lake`);
  } catch (error) {
    await close();
    throw new LedgerflowError(at === undefined ? 'LF_LAKE_OPEN' : 'LF_USAGE', messageOf(error), { where: catalog, cause: error });
  }
  return {
    connection,
    rows: async (sql) => {
      const reader = await connection.runAndReadAll(sql);
      const columns = reader.columnNames().map((name) => ({ name }));
      return { columns, rows: reader.getRows().map((row) => row.map((value) => (value === null ? null : String(value)))) };
    },
    [Symbol.asyncDispose]: close,
  };
}
