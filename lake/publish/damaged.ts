// Published tables of silver and gold whose files are damaged: the next publication makes them anew from the working store, in its one
// transaction. Dropping a table reads none of its files.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { lakeTable, type LakeShapes } from './lake-catalog.ts';

export interface PublishedTable {
  readonly schema: 'silver' | 'gold';
  readonly table: string;
}

export class DamagedTables {
  private readonly found = new Map<string, PublishedTable>();

  get size(): number {
    return this.found.size;
  }

  /** @param name `silver.accounts` @throws LedgerflowError LF_USAGE for anything that is not made from the store */
  add(name: string): void {
    const [schema, ...rest] = name.split('.');
    const table = rest.join('.');
    if ((schema !== 'silver' && schema !== 'gold') || table === '')
      throw new LedgerflowError('LF_USAGE', 'only tables of silver and gold can be made anew', { where: name });
    this.found.set(name, { schema, table });
  }

  /** Within the publication's transaction, before tables are brought up to date. @returns what was dropped */
  async drop(connection: DuckDBConnection, shapes: LakeShapes): Promise<PublishedTable[]> {
    const dropped: PublishedTable[] = [];
    for (const each of this.found.values()) {
      if (shapes.get(each.schema)?.delete(each.table) === true) await connection.run(`DROP TABLE ${lakeTable(each.schema, each.table)}`);
      dropped.push(each);
    }
    return dropped;
  }

  /** The transaction has committed. */
  clear(): void {
    this.found.clear();
  }
}
