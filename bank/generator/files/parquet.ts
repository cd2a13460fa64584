// CSV tables of a world made into Parquet by DuckDB, with the column types of the lake.

import { rmSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { TABLE_NAMES, TABLES } from './tables.ts';

const MEMORY_LIMIT = '1GB';

/** Replaces every `<table>.csv` of the folder with `<table>.parquet` (zstd), rows in the same order. */
export async function makeParquet(directory: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: MEMORY_LIMIT });
  const connection = await instance.connect();
  try {
    for (const table of TABLE_NAMES) {
      const csv = path.join(directory, `${table}.csv`);
      const columns = Object.entries(TABLES[table]).map(([name, type]) => `'${name}': '${type}'`);
      await connection.run(
        `COPY (FROM read_csv(${literal(csv)}, header = true, delim = ',', quote = '"', escape = '"', allow_quoted_nulls = false,
           auto_detect = false, columns = {${columns.join(', ')}}))
         TO ${literal(path.join(directory, `${table}.parquet`))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`,
      );
      rmSync(csv);
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
