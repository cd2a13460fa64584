// What changed in silver since gold's position, found from the version bookkeeping of the store (lake/store/layout.ts).
// New versions carry _commit, versions that were folded away carry _gone_commit; both are append-ordered, so zone maps
// keep the look at a table of any size to its last row group.

import type { DuckDBConnection } from '@duckdb/node-api';
import { ident } from '../store/identifiers.ts';
import type { SilverInput } from './model.ts';

/** Changes of one silver table in the window. */
export interface TableWindow {
  readonly input: SilverInput;
  readonly fromCommit: number;
  /** New versions still in _rows. */
  readonly versions: number;
  readonly onlyCreates: boolean;
  readonly hasDeletes: boolean;
  /** Versions folded away in the window. */
  readonly folded: number;
  readonly highestPos: bigint | null;
  /** True when positions may not be later than everything gold has seen: the newest version must be looked up by key. */
  readonly unordered: boolean;
}

export interface StoreWindow {
  readonly commitId: number;
  readonly gtid: string | null;
  readonly schemaCommit: string;
  readonly tables: ReadonlyMap<string, TableWindow>;
}

export function isEmpty(window: TableWindow | undefined): boolean {
  return window === undefined || (window.versions === 0 && window.folded === 0);
}

/** Rows the window touches at most, live and gone. */
export function windowRows(window: TableWindow | undefined): number {
  return window === undefined ? 0 : window.versions + window.folded;
}

/** True when no changed key can be in gold already. */
export function isInsertOnly(window: TableWindow): boolean {
  return window.folded === 0 && window.onlyCreates && !window.unordered;
}

/** True when some changed key may have left silver. */
export function mayHaveGone(window: TableWindow): boolean {
  return window.hasDeletes || window.folded > 0 || window.unordered;
}

function keyList(input: SilverInput, prefix = ''): string {
  return input.key.map((name) => `${prefix}${ident(name)}`).join(', ');
}

/** Every key the window may have changed, as a relation with the key columns. */
export function changedKeysSql(window: TableWindow): string {
  const { input, fromCommit } = window;
  const table = ident(input.table);
  return `(SELECT ${keyList(input)} FROM _rows.${table} WHERE _commit > ${fromCommit} UNION SELECT ${keyList(input)} FROM _past.${table} WHERE _gone_commit > ${fromCommit})`;
}

/** The changed keys' rows that are live now: silver.T restricted to the window. */
export function liveSql(window: TableWindow): string {
  const { input, fromCommit } = window;
  const table = `_rows.${ident(input.table)}`;
  const keys = keyList(input);
  const among = window.unordered ? `(${keys}) IN ${changedKeysSql(window)}` : `_commit > ${fromCommit}`;
  if (isInsertOnly(window)) return `(SELECT * FROM ${table} WHERE ${among})`;
  // Newest version per key by GROUP BY and semi join: a window function costs milliseconds even for a handful of rows.
  return `(SELECT * FROM ${table} WHERE ${among} AND _op <> 'd' AND (${keys}, _pos) IN (SELECT (${keys}, max(_pos)) FROM ${table} WHERE ${among} GROUP BY ${keys}))`;
}

/** The changed keys that are no longer live. */
export function goneSql(window: TableWindow): string {
  return `(SELECT ${keyList(window.input)} FROM ${changedKeysSql(window)} EXCEPT SELECT ${keyList(window.input)} FROM ${liveSql(window)})`;
}

const OP_BITS = "CASE _op WHEN 'c' THEN 1 WHEN 'u' THEN 2 WHEN 'd' THEN 4 ELSE 8 END";
const DELETED = 4;
const SNAPSHOT = 8;
const CREATED = 1;

/** Reads the store's position and what changed in the given tables, in one statement that is cheap to plan. */
export async function readWindow(connection: DuckDBConnection, inputs: readonly SilverInput[], since: Since): Promise<StoreWindow> {
  const parts = inputs.flatMap((input, index) => {
    const table = ident(input.table);
    return [
      `SELECT ${index * 2} AS i, ${OP_BITS} AS op, _pos AS pos FROM _rows.${table} WHERE _commit > ${since.commitId}`,
      `SELECT ${index * 2 + 1}, 0, NULL FROM _past.${table} WHERE _gone_commit > ${since.commitId}`,
    ];
  });
  const changes =
    parts.length === 0
      ? ''
      : `\nUNION ALL SELECT i, NULL, count(*), 0, bit_or(op), min(pos), max(pos) FROM (${parts.join(' UNION ALL ')}) GROUP BY i`;
  const reader = await connection.runAndReadAll(
    `SELECT -1 AS i, s.gtid AS gtid, s.commit_id AS n, c.commits AS k, c.versions AS op, NULL::BIGINT AS lo, NULL::BIGINT AS hi
FROM ops.state AS s, (SELECT coalesce(max(commit_id), -1) AS commits, count(*) AS versions FROM ops.table_schemas) AS c${changes}`,
  );
  const found = new Map<number, Counted>();
  let gtid: string | null = null;
  for (const [i, text, n, k, op, lo, hi] of reader.getRows()) {
    if (Number(i) === -1) gtid = text as string | null;
    found.set(Number(i), { n: Number(n), k: Number(k), op: Number(op), lo: lo as bigint | null, hi: hi as bigint | null });
  }
  const state = found.get(-1) ?? NOTHING;
  const tables = inputs.map((input, index) =>
    tableWindow(input, since, { rows: found.get(index * 2) ?? NOTHING, folded: (found.get(index * 2 + 1) ?? NOTHING).n }),
  );
  return {
    commitId: state.n,
    gtid,
    schemaCommit: `${state.k}/${state.op}`,
    tables: new Map(tables.map((table) => [table.input.table, table])),
  };
}

export interface Since {
  readonly commitId: number;
  /** Highest source position gold has seen; null: unknown. */
  readonly highestPos: bigint | null;
}

interface Counted {
  readonly n: number;
  readonly k: number;
  readonly op: number;
  readonly lo: bigint | null;
  readonly hi: bigint | null;
}

const NOTHING: Counted = { n: 0, k: 0, op: 0, lo: null, hi: null };

function tableWindow(input: SilverInput, since: Since, found: { readonly rows: Counted; readonly folded: number }): TableWindow {
  const { n, op, lo, hi } = found.rows;
  const ordered = since.highestPos !== null && (lo === null || lo > since.highestPos) && (op & SNAPSHOT) === 0;
  return {
    input,
    fromCommit: since.commitId,
    versions: n,
    onlyCreates: (op & ~CREATED) === 0,
    hasDeletes: (op & DELETED) !== 0,
    folded: found.folded,
    highestPos: hi,
    unordered: !ordered,
  };
}
