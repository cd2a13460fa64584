// SQL of the `history` models: every state a key's row has had, from the versions the store keeps (lake/store/layout.ts). Pure.
// Versions that change nothing the model names (an account's balance moves with every posting) are not states of their own.

import { ident } from '../../infra/runtime/sql-text.ts';
import type { Model } from './model.ts';
import { readerRelation } from './physical.ts';

/** Columns the runner adds to the SELECT of a `history` model. */
const ADDED: readonly string[] = ['valid_from', 'valid_to', 'is_current', 'is_first'];
const NEVER = '9223372036854775807';

export interface HistoryRange {
  /** Whose commit the history goes up to: a refresh brings gold to the store's, a turn stays at gold's. */
  readonly upTo: 'ops.state' | 'ops.gold_state';
  /** Relation of keys to restrict it to; without it, all. */
  readonly keys?: string;
}

export const historyKeys = (model: Model): string[] => model.key.filter((name) => !ADDED.includes(name));
const attributes = (model: Model): string[] => model.columns.map(({ name }) => name).filter((name) => !ADDED.includes(name));

/** The model's SELECT over versions of its captured table that fulfil the condition, folded ones too. */
function versions(model: Model, condition: string): string {
  return model.sql.replace(/^SELECT/, 'SELECT _op, _pos, _ts, _gone_commit,').replaceAll(/\bsilver\.(\w+)/g, (_, table: string) => {
    const [rows, past] = [`_rows.${ident(table)}`, `_past.${ident(table)}`];
    return `(SELECT *, ${NEVER} AS _gone_commit FROM ${rows} WHERE ${condition} UNION ALL BY NAME SELECT * FROM ${past} WHERE ${condition})`;
  });
}

/** The model's SELECT over all versions, as states with the time they held. */
export function historySelect(model: Model, { upTo, keys }: HistoryRange): string {
  const names = attributes(model);
  const list = historyKeys(model).map(ident).join(', ');
  const commit = `(SELECT commit_id FROM ${upTo})`;
  const condition = `_commit <= ${commit}${keys === undefined ? '' : ` AND (${list}) IN (SELECT ${list} FROM ${keys})`}`;
  const byKey = `(PARTITION BY ${list} ORDER BY _pos)`;
  const differs = names.map((name) => `${ident(name)} IS DISTINCT FROM lag(${ident(name)}) OVER ${byKey}`).join(' OR ');
  const isState = `lag(_op) OVER ${byKey} IS NULL OR (_op = 'd') <> (lag(_op) OVER ${byKey} = 'd') OR (_op <> 'd' AND (${differs}))`;
  const since = names.includes('created_at') ? 'least(created_at, _ts)' : '_ts';
  // A state that was over in the moment it began was never seen by anybody.
  return `SELECT ${names.map(ident).join(', ')}, CASE WHEN is_first THEN ${since} ELSE _ts END AS valid_from, _next AS valid_to, _next IS NULL AND _ended > ${commit} AS is_current, is_first
FROM (
  SELECT *, row_number() OVER ${byKey} = 1 AS is_first
  FROM (
    SELECT *, lead(_ts) OVER ${byKey} AS _next
    FROM (SELECT *, arg_max(_gone_commit, _pos) OVER (PARTITION BY ${list}) AS _ended FROM (${versions(model, condition)}) QUALIFY ${isState})
  )
  WHERE _op <> 'd' AND (_next IS NULL OR _next > _ts)
)`;
}

/** Keys with a version after the commit that is not the last state the table knows; may name a key twice. */
export function movedKeysSql(model: Model, afterCommit: number): string {
  const keys = historyKeys(model).map(ident);
  const same = attributes(model).map((name) => `s.${ident(name)} IS NOT DISTINCT FROM v.${ident(name)}`);
  const fresh = versions(model, `_commit > ${afterCommit} AND _commit <= (SELECT commit_id FROM ops.gold_state)`);
  const known = `(SELECT * FROM ${readerRelation(model.name)} WHERE valid_to IS NULL)`;
  return `SELECT ${keys.map((key) => `v.${key}`).join(', ')} FROM (${fresh}) AS v LEFT JOIN ${known} AS s ON ${same.join(' AND ')} WHERE v._op = 'd' OR s.is_first IS NULL`;
}
