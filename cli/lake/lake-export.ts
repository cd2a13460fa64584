// Writes tables of the published lake to files, all at one snapshot.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { ident, literal } from '../../infra/runtime/sql-text.ts';
import type { LakeSession } from './lake-session.ts';

export interface ExportedTable {
  readonly table: string;
  readonly file: string;
  readonly rows: number;
}

const FORMATS = { parquet: 'FORMAT parquet, COMPRESSION zstd', csv: 'FORMAT csv, HEADER' } as const;
export type ExportFormat = keyof typeof FORMATS;

/** @param wanted `gold.daily_volumes`, or `gold` for all of a schema; all of silver and gold when empty. @throws LedgerflowError LF_USAGE */
export async function exportTables(
  lake: LakeSession,
  folder: string,
  { wanted, format }: { readonly wanted: readonly string[]; readonly format: ExportFormat },
): Promise<ExportedTable[]> {
  const found = await lake.rows(
    `SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name IN ('silver', 'gold', 'bronze', 'ops') ORDER BY 1, 2`,
  );
  const names = found.rows.map(([schema, table]) => ({ schema: schema ?? '', table: table ?? '' }));
  const chosen = wanted.length === 0 ? ['silver', 'gold'] : wanted;
  const exported: ExportedTable[] = [];
  for (const name of chosen) {
    const matching = names.filter(({ schema, table }) => name === schema || name === `${schema}.${table}`);
    if (matching.length === 0) throw new LedgerflowError('LF_USAGE', `the lake has no ${name}`);
    for (const { schema, table } of matching) {
      const file = path.join(folder, schema, `${table.replaceAll(/[/\\]/g, '_')}.${format}`);
      mkdirSync(path.dirname(file), { recursive: true });
      const reader = await lake.connection.runAndReadAll(
        `COPY lake.${ident(schema)}.${ident(table)} TO ${literal(file)} (${FORMATS[format]})`,
      );
      exported.push({ table: `${schema}.${table}`, file, rows: Number(reader.getRows()[0]?.[0] ?? 0) });
    }
  }
  return exported;
}
