// The published lake as a reader attaches it: the catalog copy, read-only, in a DuckDB of its own.

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { cacheFolder } from '../../infra/native/obtain/cache.ts';
import { findDucklake } from '../../infra/native/obtain/ducklake.ts';
import { readPartsLock } from '../../infra/native/obtain/lock-file.ts';
import { literal } from '../../infra/runtime/sql-text.ts';

export interface AttachedLake extends AsyncDisposable {
  /** The lake is attached as `lake`. */
  readonly connection: DuckDBConnection;
}

export async function attachLake(catalog: string): Promise<AttachedLake> {
  const extension = findDucklake(cacheFolder(process.env['LEDGERFLOW_CACHE']), readPartsLock(), process.env['DUCKLAKE_EXTENSION_PATH']);
  if (extension === undefined) throw new Error('the DuckLake extension is not in the cache');
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' });
  const connection = await instance.connect();
  await connection.run(`LOAD ${literal(extension)}; ATTACH ${literal(`ducklake:${catalog}`)} AS lake (READ_ONLY)`);
  return {
    connection,
    [Symbol.asyncDispose]: async () => {
      connection.closeSync();
      instance.closeSync();
      await Promise.resolve();
    },
  };
}
