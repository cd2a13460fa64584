// The published lake as a side of a comparison: its catalog attached read-only, at its newest publication, in a DuckDB of its own.

import { existsSync } from 'node:fs';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { cacheFolder } from '../../infra/native/obtain/cache.ts';
import { findDucklake } from '../../infra/native/obtain/ducklake.ts';
import { readPartsLock } from '../../infra/native/obtain/lock-file.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { ident, literal } from '../../infra/runtime/sql-text.ts';
import type { LakeReader } from '../../lake/verify/ports.ts';
import { sqlSide } from '../../lake/verify/side.ts';
import { textRows } from '../../lake/verify/text-rows.ts';

const MEMORY_LIMIT = '1GB';

/** A DuckDB of its own with the published lake attached as `lake`, read-only. */
export interface PublishedLake extends AsyncDisposable {
  readonly connection: DuckDBConnection;
}

/** @param catalog the readers' catalog @returns null when there is none @throws LedgerflowError LF_USAGE without the DuckLake extension */
export async function attachPublished(config: Config, catalog: string): Promise<PublishedLake | null> {
  if (!existsSync(catalog)) return null;
  const extension = findDucklake(cacheFolder(config.cache), readPartsLock(), config.ducklakeExtensionPath);
  if (extension === undefined) throw new LedgerflowError('LF_USAGE', 'the DuckLake extension is not in the cache');
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false', memory_limit: MEMORY_LIMIT });
  const connection = await instance.connect();
  const close = (): Promise<void> => {
    connection.closeSync();
    instance.closeSync();
    return Promise.resolve();
  };
  try {
    await connection.run(`LOAD ${literal(extension)}; ATTACH ${literal(`ducklake:${catalog}`)} AS lake (READ_ONLY)`);
    return { connection, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @returns null before the first publication @throws LedgerflowError LF_USAGE without the DuckLake extension */
export async function openLake(config: Config, catalog: string): Promise<LakeReader | null> {
  const lake = await attachPublished(config, catalog);
  if (lake === null) return null;
  const { connection } = lake;
  const close = (): Promise<void> => Promise.resolve(lake[Symbol.asyncDispose]());
  try {
    const [last] = await textRows(connection, 'SELECT commit_id, gtid FROM lake.ops.publications ORDER BY publication_id DESC LIMIT 1');
    if (last === undefined) return await close().then(() => null);
    const columns = await textRows(
      connection,
      `SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'lake' AND schema_name = 'silver'`,
    );
    const tables = new Map<string, Set<string>>();
    for (const [table, column] of columns) tables.set(table ?? '', (tables.get(table ?? '') ?? new Set()).add(column ?? ''));
    return {
      commitId: Number(last[0]),
      gtid: last[1] ?? null,
      tables,
      side: sqlSide(
        (sql) => textRows(connection, sql),
        ({ table }) => ({ dialect: 'duckdb', from: `lake.silver.${ident(table)}` }),
      ),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
