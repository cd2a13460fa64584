// The statements of a comparison, the same in both dialects but for names of functions: digests of buckets, digests of rows, cells.
// A row's digest is the first 60 bits of the SHA-256 of its canonical text (MySQL 9 has MD5 no more); a bucket's is their sum, which no order changes and in which,
// unlike with XOR, equal pairs do not cancel.

import type { ColumnSchema } from '../../cdc/schema/table-schema.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { canonicalColumn, keyText, orNull, sha256, type CanonicalColumn, type Dialect } from './canonical.ts';
import type { TablePlan } from './plan.ts';

/** Where rows of the table come from: a table, or a query in parentheses. */
export interface Relation {
  readonly dialect: Dialect;
  readonly from: string;
}

/** `bucket, rows, digest`, one row per bucket that has rows; `where` restricts the rows. */
export function bucketsSql(plan: TablePlan, { dialect, from }: Relation, where = ''): string {
  const inner = `SELECT ${bucketOf(plan, dialect)} AS b, ${rowDigest(plan, dialect)} AS d FROM ${from} AS t${where === '' ? '' : ` WHERE ${where}`}`;
  return `SELECT ${asText('b', dialect)}, ${asText('count(*)', dialect)}, ${asText('sum(d)', dialect)} FROM (${inner}) AS x GROUP BY b`;
}

/** `key, digest` of every row of the buckets. */
export function rowsSql(plan: TablePlan, relation: Relation, buckets: readonly string[]): string {
  const { dialect, from } = relation;
  return `SELECT ${keyText(keyColumnsOf(plan), dialect)}, ${asText(rowDigest(plan, dialect), dialect)} FROM ${from} AS t WHERE ${inBuckets(plan, dialect, buckets)}`;
}

/** `key, cell, cell …` of the rows with these keys, in the order of the plan's columns. */
export function cellsSql(plan: TablePlan, { dialect, from }: Relation, keys: readonly string[]): string {
  const cells = canonicalColumns(plan).map((column) => column.cell(dialect));
  return `SELECT ${[keyText(keyColumnsOf(plan), dialect), ...cells].join(', ')} FROM ${from} AS t WHERE ${hasKey(plan, dialect, keys)}`;
}

export function canonicalColumns({ columns }: TablePlan): CanonicalColumn[] {
  return columns.map(canonicalColumn);
}

/** Rows of the range of buckets [first, next), for a source that is read in steps; only for buckets that are ranges. */
export function bucketRange(plan: TablePlan, first: bigint, next: bigint): string {
  if (plan.bucket.kind !== 'range') throw new Error('buckets of hashes have no ranges');
  const [low, width] = [BigInt(plan.bucket.low), BigInt(plan.bucket.width)];
  const key = keyName(plan, 'mysql');
  return `${key} >= ${low + first * width} AND ${key} < ${low + next * width}`;
}

function keyName(plan: TablePlan, dialect: Dialect): string {
  const name = plan.keyColumns[0] ?? '';
  return dialect === 'mysql' ? `\`${name.replaceAll('`', '``')}\`` : `"${name.replaceAll('"', '""')}"`;
}

function rowDigest(plan: TablePlan, dialect: Dialect): string {
  const cells = canonicalColumns(plan).map((column) => orNull(column.digest(dialect), dialect));
  const text = sha256(`CONCAT_WS('|', ${cells.join(', ')})`, dialect);
  return dialect === 'mysql' ? `CAST(CONV(LEFT(${text}, 15), 16, 10) AS UNSIGNED)` : `CAST('0x' || left(${text}, 15) AS UBIGINT)`;
}

/** The key's columns, in key order. */
export function keyColumnsOf({ table, columns, keyColumns }: TablePlan): ColumnSchema[] {
  return keyColumns.map((name) => {
    const column = columns.find((candidate) => candidate.name === name);
    if (column === undefined) throw new Error(`a key column of ${table} is not among its columns`);
    return column;
  });
}

function bucketOf(plan: TablePlan, dialect: Dialect): string {
  const { bucket } = plan;
  if (bucket.kind === 'hash') return `LEFT(${sha256(keyText(keyColumnsOf(plan), dialect), dialect)}, ${bucket.digits})`;
  const key = keyName(plan, dialect);
  if (dialect === 'mysql') return `(CAST(${key} AS DECIMAL(21,0)) - (${bucket.low})) DIV ${bucket.width}`;
  // A key below the source's least one belongs to no bucket of the source: it counts down from -1.
  const distance = `(CAST(${key} AS HUGEINT) - (${bucket.low}))`;
  return `CASE WHEN ${distance} < 0 THEN (${distance} + 1) // ${bucket.width} - 1 ELSE ${distance} // ${bucket.width} END`;
}

function inBuckets(plan: TablePlan, dialect: Dialect, buckets: readonly string[]): string {
  if (plan.bucket.kind === 'range' && dialect === 'mysql')
    return buckets.map((bucket) => `(${bucketRange(plan, BigInt(bucket), BigInt(bucket) + 1n)})`).join(' OR ');
  const wanted = buckets.map((bucket) => (plan.bucket.kind === 'range' ? String(BigInt(bucket)) : literal(bucket)));
  return `${bucketOf(plan, dialect)} IN (${wanted.join(', ')})`;
}

function hasKey(plan: TablePlan, dialect: Dialect, keys: readonly string[]): string {
  if (plan.bucket.kind === 'range') return `${keyName(plan, dialect)} IN (${keys.map((key) => String(BigInt(key))).join(', ')})`;
  return `${keyText(keyColumnsOf(plan), dialect)} IN (${keys.map(literal).join(', ')})`;
}

function asText(expression: string, dialect: Dialect): string {
  return `CAST(${expression} AS ${dialect === 'mysql' ? 'CHAR' : 'VARCHAR'})`;
}
