// The columns of all models as one graph: up to the captured columns, down to every mart that is made of one.

import type { DuckDBConnection } from '@duckdb/node-api';
import { columnOrigins, type Origin } from './lineage.ts';
import type { Model } from './model.ts';

export class LineageGraph {
  /** `gold.model.column` → its origins, one step back. */
  private readonly origins: ReadonlyMap<Origin, ReadonlySet<Origin>>;

  private constructor(origins: ReadonlyMap<Origin, ReadonlySet<Origin>>) {
    this.origins = origins;
  }

  /** @throws LedgerflowError LF_GOLD_MODEL when a model's SELECT cannot be read */
  static async read(connection: DuckDBConnection, models: readonly Model[]): Promise<LineageGraph> {
    const columns = new Map(models.map((model) => [`gold.${model.name}`, model.columns.map(({ name }) => name)]));
    const origins = new Map<Origin, ReadonlySet<Origin>>();
    for (const model of models) {
      const found = await columnOrigins(connection, model, (relation) => columns.get(relation) ?? []);
      for (const [column, from] of found) origins.set(`gold.${model.name}.${column}`, from);
      const inputs = [...model.silverInputs.map(({ table }) => `silver.${table}.*`), ...model.goldInputs.map((name) => `gold.${name}.*`)];
      origins.set(`gold.${model.name}.*`, new Set(inputs));
    }
    return new LineageGraph(origins);
  }

  has(column: Origin): boolean {
    return this.origins.has(column) || [...this.origins.values()].some((from) => from.has(column));
  }

  /** Where the values come from, one step back. */
  from(column: Origin): Origin[] {
    return [...(this.origins.get(column) ?? [])].sort();
  }

  /** What is made of the column, one step on. */
  into(column: Origin): Origin[] {
    return [...this.origins]
      .filter(([, from]) => from.has(column))
      .map(([name]) => name)
      .sort();
  }

  /** The captured columns at the end of all ways back. */
  captured(column: Origin): Origin[] {
    return this.reached(column, (each) => this.from(each)).filter((each) => each.startsWith('silver.'));
  }

  /** Every column of gold that is made of it, directly or not. */
  downstream(column: Origin): Origin[] {
    return this.reached(column, (each) => this.into(each));
  }

  private reached(start: Origin, next: (column: Origin) => readonly Origin[]): Origin[] {
    const seen = new Set<Origin>();
    const queue = [...next(start)];
    for (let column = queue.shift(); column !== undefined; column = queue.shift()) {
      if (seen.has(column)) continue;
      seen.add(column);
      queue.push(...next(column));
    }
    return [...seen].sort();
  }
}
