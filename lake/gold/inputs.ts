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

const typesOf = new WeakMap<Catalog, Map<Model, string>>();
const fingerprints = new WeakMap<Model, string>();

/** The input columns the model's SELECT names, with their types; a change of this text means the table must be built anew. */
export function inputTypes(model: Model, catalog: Catalog): string {
  const known = typesOf.get(catalog) ?? new Map<Model, string>();
  typesOf.set(catalog, known);
  const found = known.get(model) ?? namedColumns(model, catalog);
  known.set(model, found);
  return found;
}

function namedColumns(model: Model, catalog: Catalog): string {
  const words = new Set(model.sql.match(/\w+/g));
  const named = model.silverInputs.flatMap(({ table }) =>
    [...(catalog.get(table) ?? [])].filter(([column]) => words.has(column)).map(([column, type]) => `${table}.${column} ${type}`),
  );
  return named.sort().join(', ');
}

/** SHA-256 of all that makes the model's table what it is. */
export function fingerprint(model: Model): string {
  const known = fingerprints.get(model);
  if (known !== undefined) return known;
  const content = [model.sql, model.columns, model.key, model.sums, model.running, model.refresh, model.groups, model.order];
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  fingerprints.set(model, digest);
  return digest;
}
