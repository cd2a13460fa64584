// docs/types.md says what the converters do, and Parquet files have the types it names.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { typeLines, typesPage } from './types-page.ts';

const words = (page: string): string => page.replace(/\s+/g, ' ').replace(/-{3,}/g, '---').trim();

describe('docs/types.md', () => {
  it('is what `npm run docs` writes', () => {
    const page = readFileSync(new URL('../../docs/types.md', import.meta.url), 'utf8');
    expect(words(page)).toBe(words(typesPage()));
  });
});

describe('the Parquet column', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lf-types-'));
  let connection: DuckDBConnection;
  beforeAll(async () => {
    connection = await (await DuckDBInstance.create(':memory:')).connect();
  });
  afterAll(() => {
    connection.closeSync();
    rmSync(folder, { recursive: true });
  });

  it.each(typeLines())('$mysql, $lake, is $parquet', async ({ lake, parquet }) => {
    const file = path.join(folder, 'x.parquet');
    await connection.run(`COPY (SELECT NULL::${lake} AS x) TO '${file}' (FORMAT parquet)`);
    const rows = (await connection.runAndReadAll(`SELECT type, converted_type FROM parquet_schema('${file}') OFFSET 1`)).getRows();
    const found = rows.map((row) => row.filter((part) => part !== null).join(' ')).filter((part) => part !== '');
    expect(parquet.replace('LIST of', 'LIST').replace('group of ', '').replaceAll(',', '')).toBe(found.join(' '));
  });
});
