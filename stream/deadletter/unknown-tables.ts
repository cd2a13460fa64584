// Topics under the prefix whose table has no schema. A new table's rows may be read before its DDL, so a topic is given some time;
// then its records are parked by the table's name, and can be re-driven once the table is known.

import type { Staging } from '../processor/cut/staging.ts';

/** A DDL record comes within a second of the first row of its table; records that are parked too early can be re-driven. */
const PATIENCE_MS = 5_000;

export class UnknownTables {
  /** Table → why its records are parked. */
  readonly tables = new Map<string, string>();
  private readonly staging: Staging;
  private readonly since = new Map<string, number>();

  constructor(staging: Staging) {
    this.staging = staging;
  }

  /** Looks for tables without a schema that have records staged; cheap when there are none. Call between commits. */
  look(nowMs: number): string[] {
    if (this.staging.phase === 'bootstrap') return [];
    const found: string[] = [];
    for (const { table, staged } of this.staging.partitions) {
      if (table === null || table.ready || table.unknown || table.ignored || staged === 0) continue;
      const since = this.since.get(table.collection) ?? nowMs;
      this.since.set(table.collection, since);
      if (nowMs - since < PATIENCE_MS || this.isCounted(table.collection)) continue;
      this.staging.setUnknown(table.collection);
      const name = table.collection.slice(table.collection.indexOf('.') + 1);
      this.tables.set(name, `no schema of table ${name} is known`);
      found.push(name);
    }
    return found;
  }

  /** The table's schema has become known. */
  known(table: string): void {
    this.tables.delete(table);
  }

  /** A transaction counts rows of it: they are real, and its schema must come. */
  private isCounted(collection: string): boolean {
    const { hold } = this.staging.waiting();
    return hold.reason === 'schema' && hold.collections.includes(collection);
  }
}
