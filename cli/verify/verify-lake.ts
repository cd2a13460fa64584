// The published lake as a side of a comparison: its catalog attached read-only, at its newest publication, in a DuckDB of its own.

import type { Config } from '../../infra/runtime/settings.ts';
import { ident } from '../../infra/runtime/sql-text.ts';
import type { LakeReader } from '../../lake/verify/ports.ts';
import { sqlSide } from '../../lake/verify/side.ts';
import { textRows } from '../../lake/verify/text-rows.ts';
import { attachPublished } from '../lake/published-lake.ts';

/** @returns null before the first publication @throws LedgerflowError LF_LAKE_OPEN */
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
