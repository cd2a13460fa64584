// Looks at the captured tables a model reads: are they there, and are the columns it names of the types it was built with.

import { createHash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Model } from './model.ts';

/** Column types of the captured tables: table -> column -> type. */
export type Catalog = ReadonlyMap<string, ReadonlyMap<string, string>>;

export async function readCatalog(connection: DuckDBConnection, tables: readonly string[]): Promise<Catalog> {
  const reader = await connection.runAndReadAll(
    `SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = '_rows' AND database_name = current_database()`,
  );
  const catalog = new Map<string, Map<string, string>>();
  for (const [table, column, type] of reader.getRows() as [string, string, string][]) {
    if (!tables.includes(table)) continue;
    const columns = catalog.get(table) ?? new Map<string, string>();
    columns.set(column, type);
    catalog.set(table, columns);
  }
  return catalog;
}

/** Captured tables a model needs that do not exist yet. */
export function missingInputs(model: Model, catalog: Catalog): string[] {
  return model.silverInputs.map((input) => input.table).filter((table) => !catalog.has(table));
}

/** The input columns the model's SELECT names, with their types; a change of this text means the table must be built anew. */
export function inputTypes(model: Model, catalog: Catalog): string {
  const text = `${model.sql}\n${model.increment ?? ''}`;
  const named: string[] = [];
  for (const { table } of model.silverInputs) {
    for (const [column, type] of catalog.get(table) ?? [])
      if (new RegExp(`\\b${column.replaceAll(/\W/g, '\\$&')}\\b`).test(text)) named.push(`${table}.${column} ${type}`);
  }
  return named.sort().join(', ');
}

export function fingerprint(model: Model): string {
  return createHash('sha256')
    .update(JSON.stringify([model.sql, model.increment, model.columns, model.key, model.sums, model.refresh, model.order]))
    .digest('hex');
}
