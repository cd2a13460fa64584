// Looks at every file that the published lake stands on: there, of its size, readable to its last value; and bronze against its chain.
// A value that was changed so that it can be read still is found by the chain (bronze) or by `verify` (silver).

import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { messageOf } from '../../infra/runtime/errors.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { LAKE } from './lake-catalog.ts';
import { rowsOf } from './sql.ts';
import { LAKE_CHAIN, verifyChain } from './verify-chain.ts';

export interface DamagedFile {
  /** `silver.accounts` */
  readonly table: string;
  /** Null when no single file can be named. */
  readonly file: string | null;
  readonly what: string;
}

export interface FilesReport {
  readonly files: number;
  readonly bytes: number;
  readonly damaged: readonly DamagedFile[];
}

/** @param connection has the readers' catalog attached as `lake` */
export async function checkLakeFiles(connection: DuckDBConnection): Promise<FilesReport> {
  const tables = await rowsOf(
    connection,
    `SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = '${LAKE}' ORDER BY 1, 2`,
  );
  const damaged: DamagedFile[] = [];
  let [files, bytes] = [0, 0];
  for (const [schema, table] of tables) {
    const name = `${String(schema)}.${String(table)}`;
    for (const { file, size, kind } of await filesOf(connection, String(schema), String(table))) {
      files += 1;
      bytes += size;
      const what = await damageOf(connection, file, size);
      if (what !== null) damaged.push({ table: name, file, what: `${kind}: ${what}` });
    }
  }
  if (!damaged.some(({ table }) => /^(bronze|ops)\./.test(table))) {
    const chain = await verifyChain(connection, LAKE_CHAIN);
    if (!chain.ok)
      damaged.push({ table: 'bronze.changes', file: null, what: `the chain breaks at commit ${chain.brokenAt?.commitId ?? 'unknown'}` });
  }
  return { files, bytes, damaged };
}

interface ListedFile {
  readonly file: string;
  readonly size: number;
  readonly kind: 'data' | 'deletes';
}

async function filesOf(connection: DuckDBConnection, schema: string, table: string): Promise<ListedFile[]> {
  const sql = `SELECT data_file, data_file_size_bytes, delete_file, delete_file_size_bytes FROM ducklake_list_files('${LAKE}', ${literal(table)}, schema => ${literal(schema)})`;
  return (await rowsOf(connection, sql)).flatMap(([data, dataSize, deletes, deletesSize]): ListedFile[] => [
    { file: data as string, size: Number(dataSize), kind: 'data' },
    ...(deletes === null ? [] : [{ file: deletes as string, size: Number(deletesSize), kind: 'deletes' as const }]),
  ]);
}

async function damageOf(connection: DuckDBConnection, file: string, size: number): Promise<string | null> {
  const there = await stat(file).catch(() => null);
  if (there === null) return 'is missing';
  if (there.size !== size) return `has ${there.size} bytes, was written with ${size}`;
  try {
    await connection.run(`SELECT count(*), bit_xor(hash(t)) FROM read_parquet(${literal(file)}) t`);
    return null;
  } catch (error) {
    return `cannot be read: ${messageOf(error).split('\n')[0] ?? ''}`;
  }
}
