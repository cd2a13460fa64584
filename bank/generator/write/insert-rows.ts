// Multi-row INSERTs whose ids are wanted.

import type { Connection, ResultSetHeader } from 'mysql2/promise';

export type Value = string | number | bigint | null;

const ROWS_PER_STATEMENT_MAX = 500;

/** The ids MySQL gave, in the order of the rows: those of one statement are consecutive. `target` is `table (columns)`. */
export async function insertRows(connection: Connection, target: string, rows: readonly (readonly Value[])[]): Promise<bigint[]> {
  const ids: bigint[] = [];
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT_MAX) {
    const part = rows.slice(from, from + ROWS_PER_STATEMENT_MAX);
    const [result] = await connection.query<ResultSetHeader>(`INSERT INTO ${target} VALUES ?`, [part]);
    const first = BigInt(result.insertId);
    ids.push(...part.map((_, index) => first + BigInt(index)));
  }
  return ids;
}
