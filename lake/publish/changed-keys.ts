// Which keys of a captured table changed after a commit, and their live rows: from the version bookkeeping of the store
// (lake/store/layout.ts), whose columns are append-ordered, so that zone maps keep the look at a large table short.

import { ident } from '../../infra/runtime/sql-text.ts';
import { identList, sameKeys } from './sql.ts';

/** Temporary table of the changed keys; one at a time. */
export const CHANGED = 'temp.main.changed_keys';

/** Keys with a new version, a new superseding mark, or a version folded away, after the commit. May name a key twice. */
export function changedKeysSql(table: string, keys: readonly string[], since: number): string {
  const list = identList(keys);
  const name = ident(table);
  return `SELECT ${list} FROM _rows.${name} WHERE _commit > ${since}
    UNION ALL SELECT ${list} FROM _gone.${name} WHERE _commit > ${since}
    UNION ALL SELECT ${list} FROM _past.${name} WHERE _gone_commit > ${since}`;
}

/** The rows silver.T shows for the keys in CHANGED; the view itself would first find the live rows of the whole table. */
export function liveChangedSql(table: string, keys: readonly string[]): string {
  const name = ident(table);
  const list = identList(keys);
  return `(SELECT r.* FROM (SELECT v.* FROM _rows.${name} v SEMI JOIN ${CHANGED} k ON ${sameKeys(keys, 'v', 'k')}) r
    ANTI JOIN (SELECT ${list}, max(_pos) AS _max FROM (SELECT m.* FROM _gone.${name} m SEMI JOIN ${CHANGED} k ON ${sameKeys(keys, 'm', 'k')}) GROUP BY ${list}) g
    ON ${sameKeys(keys, 'g', 'r')} AND r._pos < g._max WHERE r._op <> 'd')`;
}
