// PostgreSQL's catalog as clients ask for it: views and macros in a small in-memory database beside the store (catalog/*.sql).

import { readFileSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../infra/runtime/sql-text.ts';
import { emptyRelationsDdl } from './catalog/empty-relations.ts';

/** The in-memory database that holds the views and macros. Clients cannot name it. */
export const CATALOG_DATABASE = '_wire';

/** PostgreSQL's schema names and ours. */
const SCHEMAS: Readonly<Record<string, string>> = { pg_catalog: 'pg', information_schema: 'info' };

export interface Relation {
  readonly catalog: string;
  readonly schema: string;
  readonly name: string;
}

/** Creates the catalog on the instance of `connection`. Safe to call again: nothing is stored. */
export async function installCatalog(connection: DuckDBConnection): Promise<void> {
  await connection.run(`ATTACH IF NOT EXISTS ':memory:' AS ${CATALOG_DATABASE}`);
  await connection.run(`CREATE SCHEMA IF NOT EXISTS ${CATALOG_DATABASE}.pg; CREATE SCHEMA IF NOT EXISTS ${CATALOG_DATABASE}.info;`);
  await connection.run(`SET VARIABLE wire_settings = MAP {'': ''}`);
  const store = String((await connection.runAndReadAll('SELECT current_database()')).getRows()[0]?.[0]);
  for (const name of ['base', 'functions', 'system', 'information-schema']) {
    const sql = readFileSync(new URL(`catalog/${name}.sql`, import.meta.url), 'utf8');
    await connection.run(sql.replaceAll("'{store}'", literal(store)));
  }
  await connection.run(emptyRelationsDdl(CATALOG_DATABASE));
}

/** Which of PostgreSQL's names exist here, and what they are called in DuckDB. */
export class CatalogNames {
  readonly #views: ReadonlySet<string>;
  readonly #macros: ReadonlySet<string>;
  readonly #engine: ReadonlySet<string>;

  constructor(views: ReadonlySet<string>, macros: ReadonlySet<string>, engine: ReadonlySet<string>) {
    this.#views = views;
    this.#macros = macros;
    this.#engine = engine;
  }

  static async load(connection: DuckDBConnection): Promise<CatalogNames> {
    const texts = async (sql: string): Promise<Set<string>> =>
      new Set((await connection.runAndReadAll(sql)).getRows().map(([text]) => String(text)));
    const views = await texts(`SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE database_name = '${CATALOG_DATABASE}'`);
    const macros = await texts(`SELECT function_name FROM duckdb_functions() WHERE database_name = '${CATALOG_DATABASE}'`);
    const engine = await texts(
      `SELECT function_name FROM duckdb_functions() WHERE database_name = 'system' AND schema_name = 'pg_catalog'`,
    );
    return new CatalogNames(views, macros, engine);
  }

  /** Our view for a relation of PostgreSQL's catalog; undefined for any other relation. Names of pg_catalog need no schema. */
  relation({ catalog, schema, name }: Relation, database: string): Relation | undefined {
    if (!['', database].includes(catalog.toLowerCase())) return undefined;
    const own = SCHEMAS[schema === '' ? 'pg_catalog' : schema.toLowerCase()];
    const key = `${own}.${name.toLowerCase()}`;
    if (own === undefined || name.startsWith('wire_') || !this.#views.has(key)) return undefined;
    return { catalog: CATALOG_DATABASE, schema: own, name: name.toLowerCase() };
  }

  hasMacro(name: string): boolean {
    return this.#macros.has(name);
  }

  /** A function that DuckDB itself keeps in pg_catalog. */
  hasEngineFunction(name: string): boolean {
    return this.#engine.has(name);
  }
}
