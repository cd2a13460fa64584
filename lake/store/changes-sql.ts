// The versions of a captured table that a range of commits wrote, folded or not: what an incremental reader takes.

import { ident } from '../../infra/runtime/sql-text.ts';

/** SQL to select from: the table's columns, _op, _pos, _commit, _ts, of the commits in (after, upTo]. Versions come in commit order, so that zone maps find the range. */
export function changesSql(table: string, range: { readonly after: number; readonly upTo: number }): string {
  const where = `WHERE _commit > ${range.after} AND _commit <= ${range.upTo}`;
  return `(SELECT * FROM _rows.${ident(table)} ${where} UNION ALL BY NAME SELECT * EXCLUDE (_gone_commit) FROM _past.${ident(table)} ${where})`;
}
