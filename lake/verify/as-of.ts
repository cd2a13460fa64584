// A table of the working store as it was at an earlier place: silver's live rows, but for the keys that changed since; these come from
// their versions up to that place. So a comparison needs no standstill: whatever is committed after the place is taken back.

import { z } from 'zod';
import { ident } from '../../infra/runtime/sql-text.ts';

/** Everything up to and including a source transaction, or a commit of the store. */
export const placeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('transaction'), seq: z.int().min(-1) }),
  z.strictObject({ kind: z.literal('commit'), commitId: z.int().min(0) }),
]);
export type Place = z.infer<typeof placeSchema>;

const ORDER_BITS = 24n;

interface Bound {
  /** Column that orders versions by the place, and its first value beyond. */
  readonly column: '_pos' | '_commit';
  readonly beyond: bigint;
  /** SQL of the last commit that holds nothing beyond. */
  readonly commit: string;
}

function boundOf(place: Place): Bound {
  if (place.kind === 'commit') return { column: '_commit', beyond: BigInt(place.commitId) + 1n, commit: String(place.commitId) };
  const commit = `(SELECT coalesce(max(commit_id), 0) FROM ops.commits WHERE seq <= ${place.seq})`;
  return { column: '_pos', beyond: BigInt(place.seq + 1) << ORDER_BITS, commit };
}

/**
 * A query in parentheses. Versions that were gone at the place, be it by TRUNCATE, do not come back; those that went later do.
 * @param keys the table's key, not empty
 */
export function asOfSql(table: string, columns: readonly string[], keys: readonly string[], place: Place): string {
  const { column, beyond, commit } = boundOf(place);
  const [names, key, name] = [columns.map(ident).join(', '), keys.map(ident).join(', '), ident(table)];
  const qualified = columns.map((one) => `r.${ident(one)}`).join(', ');
  const newest = `row_number() OVER (PARTITION BY ${keys.map((one) => `v.${ident(one)}`).join(', ')} ORDER BY _pos DESC) = 1`;
  return `(WITH touched AS MATERIALIZED (
    SELECT ${key} FROM _rows.${name} WHERE ${column} >= ${beyond}
    UNION SELECT ${key} FROM _past.${name} WHERE ${column} >= ${beyond} OR _gone_commit > ${commit}),
  versions AS (
    SELECT ${names}, _op, _pos FROM _rows.${name} WHERE ${column} < ${beyond}
    UNION ALL SELECT ${names}, _op, _pos FROM _past.${name} WHERE ${column} < ${beyond} AND _gone_commit > ${commit}),
  newest AS (SELECT v.* FROM versions v SEMI JOIN touched USING (${key}) QUALIFY ${newest})
  SELECT ${qualified} FROM silver.${name} r ANTI JOIN touched USING (${key}) UNION ALL SELECT ${names} FROM newest WHERE _op <> 'd')`;
}
