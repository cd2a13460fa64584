// The lineage of all of gold, one row per column: what an auditor gets.

import { DuckDBInstance } from '@duckdb/node-api';
import { LineageGraph } from '../../lake/gold/lineage-graph.ts';
import { loadModels } from '../../lake/gold/model.ts';

export interface LineageRow {
  readonly column: string;
  /** `silver.<table>.<column>`, the captured columns it is made of. */
  readonly from: readonly string[];
}

export async function lineagePage(): Promise<LineageRow[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const models = loadModels();
    const graph = await LineageGraph.read(connection, models);
    return models.flatMap(({ name, columns }) =>
      columns.map((column) => ({ column: `gold.${name}.${column.name}`, from: graph.captured(`gold.${name}.${column.name}`) })),
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
