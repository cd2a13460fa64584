// The published lake for the commands that read it: its tables by their own names, and every value as text.

import path from 'node:path';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { lakePaths } from '../../lake/publish/lake-catalog.ts';
import type { Cell, Column } from '../support/table.ts';
import { attachPublished, type PublishedLake } from './published-lake.ts';

export interface LakeSession extends PublishedLake {
  /** Every value as text. */
  rows(sql: string): Promise<{ columns: Column[]; rows: Cell[][] }>;
}

/**
 * @param at number of a snapshot, or a time that DuckDB reads as TIMESTAMPTZ; the newest by default
 * @throws LedgerflowError LF_LAKE_OPEN, LF_USAGE for a snapshot that there is not
 */
export async function openLakeSession(config: Pick<Config, 'home' | 'cache' | 'ducklakeExtensionPath'>, at?: string): Promise<LakeSession> {
  const catalog = lakePaths(path.join(config.home, 'lake')).readersCatalog;
  const lake = await attachPublished(config, catalog, at);
  if (lake === null) throw new LedgerflowError('LF_LAKE_OPEN', 'nothing is published yet', { where: catalog });
  const { connection } = lake;
  await connection.run('USE lake');
  return {
    connection,
    rows: async (sql) => {
      const reader = await connection.runAndReadAll(sql);
      const columns = reader.columnNames().map((name) => ({ name }));
      return { columns, rows: reader.getRows().map((row) => row.map((value) => (value === null ? null : String(value)))) };
    },
    [Symbol.asyncDispose]: () => lake[Symbol.asyncDispose](),
  };
}
