// What a rule's header says of the past of a movement it may find (`-- prior: KEY = EXPRESSION in WINDOW having CONDITION`), asked of the history
// that the features have read: aggregates over the movements h before the movement t. Like a screen it must be a necessary condition; it
// costs the past of the movements that the screen leaves, which is far less than what the rule itself costs.

import type { DuckDBConnection } from '@duckdb/node-api';
import { fillIn } from '../fill-in.ts';
import { chosenValues } from '../parameter.ts';
import type { PastKey } from '../past.ts';
import { lookbackOf, type Prior } from '../rule-file.ts';
import type { RuleRun } from '../rule-sql.ts';

/**
 * Takes out of temp.fraud_screened what does not meet the prior of its rule.
 * @param counts movements in it by place in the runs; brought up to date
 * @param pasts keys whose temp.fraud_past_KEY may be joined pair by pair: how many minutes it goes back
 */
export async function dropWithoutPrior(
  connection: DuckDBConnection,
  runs: readonly RuleRun[],
  { counts, pasts }: { counts: Map<number, number>; pasts: ReadonlyMap<PastKey, number> },
): Promise<void> {
  for (const [index, run] of runs.entries()) {
    const { prior } = run.rule.header;
    const count = counts.get(index) ?? 0;
    if (prior === undefined || count === 0) continue;
    const values = chosenValues(run.rule.parameters, run.parameters);
    if (lookbackOf([prior], values) > (pasts.get(prior.key) ?? -1)) continue; // what is older is not there to be asked
    const { rowsChanged } = await connection.run(fillIn(dropSql(prior, index), values));
    counts.set(index, count - rowsChanged);
  }
}

function dropSql({ key, of, window, having }: Prior, index: number): string {
  return `DELETE FROM temp.fraud_screened WHERE rule = ${index} AND transaction_id NOT IN (SELECT any_value(t.transaction_id)
  FROM (SELECT * FROM temp.fraud_now SEMI JOIN (FROM temp.fraud_screened WHERE rule = ${index}) USING (transaction_id)) t
  LEFT JOIN temp.fraud_past_${key} h ON h.${key} = ${of} AND h.moment > t.moment - $ticks(${window}) AND {'moment': h.moment, 'nr': h.nr} < {'moment': t.moment, 'nr': t.nr}
  GROUP BY t.ord HAVING ${having})`; // a pair, because OR in the condition of an outer join would make it a nested loop
}
