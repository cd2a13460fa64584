// What changed in silver since gold's position, found from the version bookkeeping of the store (lake/store/layout.ts).
// New versions carry _commit, versions that were folded away carry _gone_commit; both are append-ordered, so zone maps
// keep the look at a table of any size to its last row group.

import type { DuckDBConnection } from '@duckdb/node-api';
import { ident, literal } from '../store/identifiers.ts';
import type { SilverInput } from './model.ts';

/** Changes of one silver table in the window. */
export interface TableWindow {
  readonly input: SilverInput;
  readonly fromCommit: number;
  /** New versions still in _rows. */
  readonly versions: number;
  readonly keys: number;
  readonly creates: number;
  readonly deletes: number;
  /** Versions folded away in the window. */
  readonly folded: number;
  readonly snapshotRows: number;
  readonly lowestPos: bigint | null;
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
  return window.folded === 0 && window.creates === window.versions && !window.unordered;
}

/** True when some changed key may have left silver. */
export function mayHaveGone(window: TableWindow): boolean {
  return window.deletes > 0 || window.folded > 0 || window.unordered;
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
  const newest = `QUALIFY row_number() OVER (PARTITION BY ${keyList(input)} ORDER BY _pos DESC) = 1`;
  if (window.unordered) {
    const keys = changedKeysSql(window);
    return `(SELECT * FROM (SELECT * FROM ${table} WHERE (${keyList(input)}) IN ${keys} ${newest}) WHERE _op <> 'd')`;
  }
  if (window.keys === window.versions) return `(SELECT * FROM ${table} WHERE _commit > ${fromCommit} AND _op <> 'd')`;
  return `(SELECT * FROM (SELECT * FROM ${table} WHERE _commit > ${fromCommit} ${newest}) WHERE _op <> 'd')`;
}

/** The changed keys that are no longer live. */
export function goneSql(window: TableWindow): string {
  return `(SELECT ${keyList(window.input)} FROM ${changedKeysSql(window)} EXCEPT SELECT ${keyList(window.input)} FROM ${liveSql(window)})`;
}

/** Reads the store's position and what changed in the given tables, in one statement. */
export async function readWindow(
  connection: DuckDBConnection,
  inputs: readonly SilverInput[],
  since: { readonly commitId: number; readonly highestPos: bigint | null },
): Promise<StoreWindow> {
  const parts = [
    `SELECT 'state' AS kind, coalesce(gtid, '') AS name, commit_id AS n, 0::BIGINT AS k, 0::BIGINT AS c, 0::BIGINT AS d, 0::BIGINT AS r, NULL::BIGINT AS lo,
 (SELECT coalesce(max(commit_id), -1) * 1000000 + count(*) FROM ops.table_schemas)::BIGINT AS hi FROM ops.state`,
  ];
  for (const input of inputs) {
    const table = ident(input.table);
    const name = literal(input.table);
    const key = input.key.length === 1 ? keyList(input) : `(${keyList(input)})`;
    parts.push(
      `SELECT 'rows', ${name}, count(*), ${since.commitId < 0 ? '0' : `count(DISTINCT ${key})`}, count(*) FILTER (_op = 'c'), count(*) FILTER (_op = 'd'), count(*) FILTER (_op = 'r'), min(_pos), max(_pos) FROM _rows.${table} WHERE _commit > ${since.commitId}`,
      `SELECT 'past', ${name}, count(*), 0, 0, 0, 0, NULL, NULL FROM _past.${table} WHERE _gone_commit > ${since.commitId}`,
    );
  }
  const reader = await connection.runAndReadAll(parts.join('\nUNION ALL '));
  let state = { commitId: 0, gtid: null as string | null, schemaCommit: '' };
  const rows = new Map<string, bigint[]>();
  const folded = new Map<string, number>();
  for (const [kind, name, ...numbers] of reader.getRows()) {
    const values = numbers as (bigint | null)[];
    if (kind === 'state')
      state = { commitId: Number(values[0]), gtid: name === '' ? null : (name as string), schemaCommit: String(values[6]) };
    else if (kind === 'past') folded.set(name as string, Number(values[0]));
    else rows.set(name as string, values as bigint[]);
  }
  const tables = new Map(
    inputs.map((input) => [
      input.table,
      tableWindow(input, since, { values: rows.get(input.table) ?? [], folded: folded.get(input.table) ?? 0 }),
    ]),
  );
  return { ...state, tables };
}

function tableWindow(
  input: SilverInput,
  since: { readonly commitId: number; readonly highestPos: bigint | null },
  found: { readonly values: readonly (bigint | null)[]; readonly folded: number },
): TableWindow {
  const [versions, keys, creates, deletes, snapshotRows, lowest, highest] = found.values;
  const lowestPos = lowest ?? null;
  const ordered = since.highestPos !== null && (lowestPos === null || lowestPos > since.highestPos) && (snapshotRows ?? 0n) === 0n;
  return {
    input,
    fromCommit: since.commitId,
    versions: Number(versions ?? 0),
    keys: Number(keys ?? 0),
    creates: Number(creates ?? 0),
    deletes: Number(deletes ?? 0),
    folded: found.folded,
    snapshotRows: Number(snapshotRows ?? 0),
    lowestPos,
    highestPos: highest ?? null,
    unordered: !ordered,
  };
}
