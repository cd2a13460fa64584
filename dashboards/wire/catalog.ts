// PostgreSQL's catalog as clients ask for it: views and macros in a small in-memory database beside the store.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Tree } from './tree.ts';

/** The in-memory database that holds the views and macros. Clients cannot name it. */
export const CATALOG_DATABASE = '_wire';

export interface Relation {
  readonly catalog: string;
  readonly schema: string;
  readonly name: string;
}

export class CatalogNames {
  readonly #views: ReadonlyMap<string, string>;
  readonly #functions: ReadonlyMap<string, string>;

  constructor(views: ReadonlyMap<string, string>, functions: ReadonlyMap<string, string>) {
    this.#views = views;
    this.#functions = functions;
  }

  static async load(_connection: DuckDBConnection): Promise<CatalogNames> {
    return Promise.resolve(new CatalogNames(new Map(), new Map()));
  }

  relation(relation: Relation): Relation | undefined {
    const schema = this.#views.get(relation.name);
    return schema === undefined ? undefined : { ...relation, schema };
  }

  hidden(_relation: Relation): boolean {
    return false;
  }

  functionSchema(name: string): string | undefined {
    return this.#functions.get(name);
  }

  engineFunction(_name: string): boolean {
    return false;
  }

  sessionWord(_word: string): Tree | undefined {
    return undefined;
  }
}

/** Creates the catalog's database, views and macros on the instance. Safe to call again. */
export async function installCatalog(connection: DuckDBConnection, _database: string): Promise<void> {
  await connection.run(`ATTACH IF NOT EXISTS ':memory:' AS ${CATALOG_DATABASE}`);
}
