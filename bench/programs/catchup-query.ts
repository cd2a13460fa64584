// One DuckDB query per table over the same values: parse and keep the last row per key. What the database alone can do.

import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { columnType } from '../../cdc/schema/column-type.ts';
import type { ColumnSchema } from '../../cdc/schema/table-schema.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { BENCH_TABLES, benchSchema, type BenchTable } from '../world/tables.ts';
import { topicOf } from '../world/produce.ts';

export interface QueryInput {
  /** Bronze segments that the processor wrote. */
  readonly bronzeFolder: string;
  readonly threads: number;
}

export interface QueryResult {
  readonly seconds: number;
  readonly events: number;
}

/** The newest row per key by GROUP BY and join; money stays text, because casts of text to wide decimals would dominate. */
function query(table: BenchTable): string {
  const fields = Object.fromEntries(benchSchema(table).columns.map((column) => [column.name, plainType(column)]));
  const structure = JSON.stringify({ before: fields, after: fields });
  return `CREATE TABLE ${table} AS SELECT p.* FROM
(SELECT key, kafka_offset, unnest(coalesce(j.after, j.before)) FROM (SELECT key, kafka_offset, json_transform(decode(value), ${literal(structure)}) AS j FROM raw_${table})) AS p
SEMI JOIN (SELECT key, max(kafka_offset) AS newest FROM raw_${table} GROUP BY key) AS n ON n.key = p.key AND n.newest = p.kafka_offset`;
}

function plainType(column: ColumnSchema): string {
  const { duckdbType } = columnType(column);
  if (duckdbType === 'TIMESTAMP') return 'BIGINT';
  return duckdbType.startsWith('DECIMAL') ? 'VARCHAR' : duckdbType;
}

async function run(input: QueryInput): Promise<QueryResult> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(input.threads), preserve_insertion_order: 'false' });
  const connection = await instance.connect();
  const files = literal(path.join(input.bronzeFolder, '*.parquet'));
  let events = 0;
  for (const table of BENCH_TABLES) {
    const from = `FROM read_parquet(${files}) WHERE topic = ${literal(topicOf(table))} AND value IS NOT NULL`;
    const loaded = await connection.run(`CREATE TABLE raw_${table} AS SELECT key, kafka_offset, value ${from}`);
    events += Number((await loaded.getRows())[0]?.[0] ?? 0);
  }
  const started = performance.now();
  for (const table of BENCH_TABLES) await connection.run(query(table));
  return { seconds: (performance.now() - started) / 1_000, events };
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{}') as QueryInput)));
