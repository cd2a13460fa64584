// SQL of the `history` models: every state a key's row has had, from the versions the store keeps (lake/store/layout.ts). Pure.
// Versions that change nothing the model names (an account's balance moves with every posting) are not states of their own.

import { ident } from '../../infra/runtime/sql-text.ts';
import type { Model } from './model.ts';

/** Columns the runner adds to the SELECT of a `history` model. */
export const HISTORY_COLUMNS = ['valid_from', 'valid_to', 'is_current', 'is_first'] as const;

const GOLD_COMMIT = '(SELECT commit_id FROM ops.gold_state)';
const NEVER = '9223372036854775807';

/** Versions of a captured table that gold's position contains, folded ones too. */
function versionsOf(table: string): string {
  const [rows, past] = [`_rows.${ident(table)}`, `_past.${ident(table)}`];
  return `(SELECT *, ${NEVER} AS _gone_commit FROM ${rows} WHERE _commit <= ${GOLD_COMMIT} UNION ALL BY NAME SELECT * FROM ${past} WHERE _commit <= ${GOLD_COMMIT})`;
}

/** The model's SELECT over all versions, as states with the time they held: what readers see. */
export function historySelect(model: Model): string {
  const keys = model.key.filter((name) => !isAdded(name));
  const names = model.columns.map(({ name }) => name).filter((name) => !isAdded(name));
  const partition = keys.map(ident).join(', ');
  const versions = model.sql
    .replace(/^SELECT/, 'SELECT _op, _pos, _ts, _gone_commit,')
    .replaceAll(/\bsilver\.(\w+)/g, (_, table: string) => versionsOf(table));
  const byKey = `(PARTITION BY ${partition} ORDER BY _pos)`;
  const differs = names.map((name) => `${ident(name)} IS DISTINCT FROM lag(${ident(name)}) OVER ${byKey}`).join(' OR ');
  const isState = `lag(_op) OVER ${byKey} IS NULL OR (_op = 'd') <> (lag(_op) OVER ${byKey} = 'd') OR (_op <> 'd' AND (${differs}))`;
  const since = names.includes('created_at') ? 'least(created_at, _ts)' : '_ts';
  // A state that was over in the moment it began was never seen by anybody.
  return `SELECT ${names.map(ident).join(', ')}, CASE WHEN is_first THEN ${since} ELSE _ts END AS valid_from, _next AS valid_to, _next IS NULL AND _ended > ${GOLD_COMMIT} AS is_current, is_first
FROM (
  SELECT *, row_number() OVER ${byKey} = 1 AS is_first
  FROM (
    SELECT *, lead(_ts) OVER ${byKey} AS _next
    FROM (SELECT *, arg_max(_gone_commit, _pos) OVER (PARTITION BY ${partition}) AS _ended FROM (${versions}) QUALIFY ${isState})
  )
  WHERE _op <> 'd' AND (_next IS NULL OR _next > _ts)
)`;
}

const isAdded = (name: string): boolean => (HISTORY_COLUMNS as readonly string[]).includes(name);
