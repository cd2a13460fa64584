// Alters a published Parquet file the way nobody should.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { literal } from '../../infra/runtime/sql-text.ts';

/** Writes the first file of a folder again with other values in it (`SELECT * REPLACE (…)`). @returns what puts it back */
export async function rewriteFile(folder: string, select: string): Promise<() => void> {
  const [name] = readdirSync(folder).filter((file) => file.endsWith('.parquet'));
  const file = path.join(folder, name ?? '');
  const before = readFileSync(file);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE t AS ${select} FROM read_parquet(${literal(file)})`);
  await connection.run(`COPY t TO ${literal(file)} (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return () => writeFileSync(file, before);
}
