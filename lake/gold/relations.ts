// Turns the relation names that models and checks use into SQL:
//   silver.T, gold.M     as they are; a `rows` model that is refreshed reads the live changed rows in place of silver.T
//   fresh.M, stale.M     rows of a `rows` model that came, and that went, in this refresh
//   changed.M            both
//   changes.M            what came and went since the sums over it were settled, with _sign
//   settled.M            the settled rows of a `sums` model
// fresh and stale are temporary tables that always exist and are empty when nothing is in them: so the texts stay the same
// from refresh to refresh and their plans are kept (statements.ts).

import { changesTable, settledTable } from './physical.ts';
import { liveSql, type TableWindow } from './window.ts';

const REFERENCE = /\b(fresh|stale|changed|changes|settled)\.(\w+)/g;

export function resolveRelations(sql: string): string {
  return sql.replaceAll(REFERENCE, (_, kind: string, name: string) => {
    if (kind === 'changed') return `(SELECT * FROM temp.fresh_${name} UNION ALL SELECT * FROM temp.stale_${name})`;
    if (kind === 'changes') return changesTable(name);
    if (kind === 'settled') return settledTable(name);
    return `temp.${kind}_${name}`;
  });
}

/** A `rows` model's SELECT over the live rows among the changed ones of its input. */
export function restrictToWindow(sql: string, windows: ReadonlyMap<string, TableWindow>): string {
  return sql.replaceAll(/\bsilver\.(\w+)/g, (_, table: string) => {
    const window = windows.get(table);
    return window === undefined ? `silver.${table}` : liveSql(window);
  });
}
