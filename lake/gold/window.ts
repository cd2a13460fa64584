// What changed in silver since gold's position, found from the version bookkeeping of the store (lake/store/layout.ts).
// New versions carry _commit, versions that were folded away carry _gone_commit; both are append-ordered. The position is read
// from gold's own row: no commit can be skipped, scans are pruned to the last row groups, and the texts of the statements do not
// change from refresh to refresh, so that they are planned once.

import { ORD_BITS } from '../store/batch.ts';
import type { TableChange } from '../store/commit-report.ts';
import { ident } from '../../infra/runtime/sql-text.ts';
import type { SilverInput } from './model.ts';
import type { Statements } from './statements.ts';

/** Changes of one silver table in the window. */
export interface TableWindow {
  readonly input: SilverInput;
  /** New versions still in _rows. */
  readonly versions: number;
  readonly onlyCreates: boolean;
  /** Every changed key has one new version, and it is live. */
  readonly distinctKeys: boolean;
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

/** Two commits' changes of a table as one; null: look it up. */
export function joined(a: TableChange | null, b: TableChange | null): TableChange | null {
  if (a === null || b === null) return null;
  return {
    versions: a.versions + b.versions,
    onlyCreates: a.onlyCreates && b.onlyCreates,
    distinctKeys: false,
    lowestSeq: Math.min(a.lowestSeq, b.lowestSeq),
    highestSeq: Math.max(a.highestSeq, b.highestSeq),
  };
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

const GOLD_COMMIT = '(SELECT commit_id FROM ops.gold_state)';
const newVersions = (table: string, columns: string): string =>
  `SELECT ${columns} FROM _rows.${ident(table)} AS r WHERE r._commit > ${GOLD_COMMIT}`;
const foldedVersions = (table: string, columns: string): string =>
  `SELECT ${columns} FROM _past.${ident(table)} AS r WHERE r._gone_commit > ${GOLD_COMMIT}`;

/** Every key the window may have changed, as a relation with the key columns; may name a key twice. */
export function changedKeysSql(window: TableWindow): string {
  const { table } = window.input;
  const keys = keyList(window.input, 'r.');
  const versions = newVersions(table, keys);
  return window.folded === 0 ? `(${versions})` : `(${versions} UNION ${foldedVersions(table, keys)})`;
}

/** The changed keys' rows that are live now: silver.T restricted to the window. */
export function liveSql(window: TableWindow): string {
  const { table } = window.input;
  if (isInsertOnly(window) || (window.distinctKeys && !window.unordered)) return `(${newVersions(table, 'r.*')})`;
  const keys = keyList(window.input);
  const versions = window.unordered
    ? `SELECT * FROM _rows.${ident(table)} WHERE (${keys}) IN ${changedKeysSql(window)}`
    : newVersions(table, 'r.*');
  // Newest version per key by GROUP BY and semi join: a window function costs milliseconds even for a handful of rows.
  return `(SELECT * FROM (${versions}) WHERE _op <> 'd' AND (${keys}, _pos) IN (SELECT (${keys}, max(_pos)) FROM (${versions}) GROUP BY ${keys}))`;
}

const OP_BITS = "CASE _op WHEN 'c' THEN 1 WHEN 'u' THEN 2 WHEN 'd' THEN 4 ELSE 8 END";
const DELETED = 4;
const SNAPSHOT = 8;
const CREATED = 1;

const POSITION = `SELECT -1 AS i, s.gtid AS gtid, s.commit_id AS n, c.commits AS k, c.versions AS op, NULL::BIGINT AS lo, NULL::BIGINT AS hi
FROM ops.state AS s, (SELECT coalesce(max(commit_id), -1) AS commits, count(*) AS versions FROM ops.table_schemas) AS c`;

/**
 * Reads the store's position and what changed in the given tables, in one statement.
 * @param highestPos highest source position gold has seen; null: unknown
 */
export async function readWindow(statements: Statements, inputs: readonly SilverInput[], highestPos: bigint | null): Promise<StoreWindow> {
  const parts = inputs.flatMap(({ table }, index) => [
    newVersions(table, `${index * 2} AS i, ${OP_BITS} AS op, r._pos AS pos`),
    foldedVersions(table, `${index * 2 + 1}, 0, NULL`),
  ]);
  const changes =
    parts.length === 0
      ? ''
      : `\nUNION ALL SELECT i, NULL, count(*), 0, bit_or(op), min(pos), max(pos) FROM (${parts.join(' UNION ALL ')}) GROUP BY i`;
  const reader = await statements.read(`${POSITION}${changes}`);
  const found = new Map<number, Counted>();
  let gtid: string | null = null;
  for (const [i, text, n, k, op, lo, hi] of reader.getRows()) {
    if (Number(i) === -1) gtid = text as string | null;
    found.set(Number(i), { n: Number(n), k: Number(k), op: Number(op), lo: lo as bigint | null, hi: hi as bigint | null });
  }
  const state = found.get(-1) ?? NOTHING;
  const tables = inputs.map((input, index) =>
    tableWindow(input, highestPos, { rows: found.get(index * 2) ?? NOTHING, folded: (found.get(index * 2 + 1) ?? NOTHING).n }),
  );
  return {
    commitId: state.n,
    gtid,
    schemaCommit: `${state.k}/${state.op}`,
    tables: new Map(tables.map((table) => [table.input.table, table])),
  };
}

/** The window as the commits told it. */
export function toldWindow(input: SilverInput, told: TableChange, highestPos: bigint): TableWindow {
  return {
    input,
    versions: told.versions,
    onlyCreates: told.onlyCreates,
    distinctKeys: told.distinctKeys,
    hasDeletes: false,
    folded: 0,
    highestPos: ((BigInt(told.highestSeq) + 1n) << ORD_BITS) - 1n,
    unordered: BigInt(told.lowestSeq) << ORD_BITS <= highestPos,
  };
}

interface Counted {
  readonly n: number;
  readonly k: number;
  readonly op: number;
  readonly lo: bigint | null;
  readonly hi: bigint | null;
}

const NOTHING: Counted = { n: 0, k: 0, op: 0, lo: null, hi: null };

function tableWindow(
  input: SilverInput,
  highestPos: bigint | null,
  found: { readonly rows: Counted; readonly folded: number },
): TableWindow {
  const { n, op, lo, hi } = found.rows;
  const ordered = highestPos !== null && (lo === null || lo > highestPos) && (op & SNAPSHOT) === 0;
  return {
    input,
    versions: n,
    onlyCreates: (op & ~CREATED) === 0,
    distinctKeys: false,
    hasDeletes: (op & DELETED) !== 0,
    folded: found.folded,
    highestPos: hi,
    unordered: !ordered,
  };
}
