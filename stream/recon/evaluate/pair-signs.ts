// Two sides may count money with other signs: the bank's credit is our debit, or one side knows sizes only. Equal amounts say which.

import type { DuckDBConnection } from '@duckdb/node-api';
import { rowsOf } from '../run/stage.ts';

/** What was done to the internal amounts, or to both. */
export type Signs = 'as they are' | 'internal amounts turned' | 'sizes only';

/** How many more equal amounts a turned side must have. */
const CLEARLY = 2;

/** On temp.pair_external and temp.pair_internal. */
export async function settleSigns(connection: DuckDBConnection): Promise<Signs> {
  const negative = async (side: string): Promise<boolean> => {
    const [[some]] = (await rowsOf(connection, `SELECT count(*) FILTER (WHERE amount < 0) > 0 FROM temp.pair_${side}`)) as [[boolean]];
    return some;
  };
  const [external, internal] = [await negative('external'), await negative('internal')];
  if (external !== internal) {
    // One side has no negative amount: it is of one sign throughout, or knows no signs.
    const [same, turned] = await equalAmounts(connection);
    if (Math.max(same, turned) >= CLEARLY * Math.min(same, turned) && Math.min(same, turned) * 20 < Math.max(same, turned))
      return same >= turned ? 'as they are' : await turn(connection);
    for (const side of ['external', 'internal']) await connection.run(`UPDATE temp.pair_${side} SET amount = abs(amount)`);
    return 'sizes only';
  }
  const [same, turned] = await equalAmounts(connection);
  return turned > CLEARLY * same ? await turn(connection) : 'as they are';
}

async function turn(connection: DuckDBConnection): Promise<Signs> {
  await connection.run('UPDATE temp.pair_internal SET amount = -amount');
  return 'internal amounts turned';
}

/** Different amounts that both sides have, as they are and with the internal sign turned. */
async function equalAmounts(connection: DuckDBConnection): Promise<[number, number]> {
  const count = (sign: string): string =>
    `(SELECT count(*) FROM (SELECT amount FROM temp.pair_external INTERSECT SELECT ${sign}amount FROM temp.pair_internal))`;
  const [row] = await rowsOf(connection, `SELECT ${count('')}, ${count('-')}`);
  return row!.map(Number) as [number, number];
}
