// The SELECTs over bronze and over the versions of silver, for the messages that Kafka took in certain hours. Pure.

import { ident, literal } from '../../../infra/runtime/sql-text.ts';
import { POSITION_SQL } from '../../../lake/store/batch.ts';
import type { OffsetRange } from './kafka.ts';
import type { TableShape } from './shape.ts';
import type { Bucket } from './tally.ts';

/** Messages of one topic by the hour in which Kafka took them. */
export interface HourRange extends OffsetRange {
  readonly bucket: Bucket;
}

export interface MessagePlace {
  readonly topic: string;
  readonly ranges: readonly HourRange[];
  /** No message of the ranges is in an earlier commit. */
  readonly sinceCommit: bigint;
}

export interface CommitSpan {
  readonly first: bigint;
  readonly last: bigint;
}

/** Dispositions whose messages can be read for their money. */
const READABLE = `disposition IN ('applied', 'duplicate') AND value IS NOT NULL`;

function rangesCte(ranges: readonly HourRange[]): string {
  const rows = ranges.map(({ bucket, partition, from, until }) => `(${literal(bucket)}, ${partition}, ${from}, ${until})`);
  return `r(hour, p, lo, hi) AS (VALUES ${rows.join(', ')})`;
}

const WITHIN = 'b.partition = r.p AND b.kafka_offset >= r.lo AND b.kafka_offset < r.hi';

/** The image that a change is about: what a deleted row was, what any other is now. */
function fieldSql(column: string): string {
  const path = (image: string): string => `json_extract_string(decode(value), ${literal(`$.${image}."${column}"`)})`;
  return `CASE WHEN ${READABLE} THEN CASE op WHEN 'd' THEN ${path('before')} ELSE ${path('after')} END END`;
}

function moneySql({ money }: TableShape): string {
  if (money === null) return `'' AS currency, NULL::DECIMAL(38,4) AS amount`;
  return `coalesce(${fieldSql(money.currency)}, '') AS currency, TRY_CAST(${fieldSql(money.amount)} AS DECIMAL(38,4)) AS amount`;
}

/** `[hour, currency, rows, sum, disposition, first commit, last commit]`. */
export function bronzeSql(shape: TableShape, { topic, ranges, sinceCommit }: MessagePlace): string {
  const sum = shape.money === null ? 'NULL' : 'CAST(coalesce(sum(amount), 0) AS VARCHAR)';
  return `WITH ${rangesCte(ranges)}, b AS (SELECT r.hour, b.disposition, b.commit_id, ${moneySql(shape)} FROM bronze.changes b JOIN r ON ${WITHIN} WHERE b.topic = ${literal(topic)} AND b.commit_id >= ${sinceCommit})
SELECT hour, currency, count(*), ${sum}, disposition, min(commit_id), max(commit_id) FROM b GROUP BY hour, currency, disposition`;
}

/** `[place, what]`: messages of an hour that bronze lacks, or has more than once. */
export function offsetsSql({ topic, ranges, sinceCommit }: MessagePlace, bucket: Bucket, limit: number): string {
  const own = ranges.filter((range) => range.bucket === bucket);
  return `WITH ${rangesCte(own)}, b AS MATERIALIZED (SELECT b.partition AS p, b.kafka_offset AS o, count(*) AS n FROM bronze.changes b JOIN r ON ${WITHIN}
  WHERE b.topic = ${literal(topic)} AND b.commit_id >= ${sinceCommit} GROUP BY b.partition, b.kafka_offset),
wanted AS (SELECT p, unnest(range(lo, hi)) AS o FROM r)
SELECT 'partition ' || p || ' offset ' || o, what FROM (SELECT p, o, 'missing' AS what FROM wanted ANTI JOIN b USING (p, o) UNION ALL SELECT p, o, 'doubled' FROM b WHERE n > 1) ORDER BY p, o LIMIT ${limit}`;
}

/** Applied messages beside the versions they made, by commit and source position. Versions of parked records that were applied later are left out. */
function joined(shape: TableShape, { topic, ranges }: MessagePlace, { first, last }: CommitSpan): string {
  const { table, keyColumns, money } = shape;
  const [amount, currency] =
    money === null ? ['NULL::DECIMAL(38,4)', `''`] : [ident(money.amount), `coalesce(${ident(money.currency)}, '')`];
  const key = keyColumns.length === 0 ? `''` : `concat_ws('|', ${keyColumns.map((name) => `CAST(${ident(name)} AS VARCHAR)`).join(', ')})`;
  const versions = (schema: string): string =>
    `SELECT _commit AS c, _pos AS pos, ${currency} AS currency, ${amount} AS amount, ${key} AS key FROM ${schema}.${ident(table)} WHERE _commit BETWEEN ${first} AND ${last}`;
  return `WITH ${rangesCte(ranges)},
b AS (SELECT max(coalesce(hour, '')) AS hour, c, pos, currency, count(*) AS n, sum(amount) AS s, any_value(key) AS key FROM (
  SELECT r.hour, b.commit_id AS c, ${POSITION_SQL} AS pos, ${moneySql(shape)}, decode(b.key) AS key FROM bronze.changes b LEFT JOIN r ON ${WITHIN}
  WHERE b.topic = ${literal(topic)} AND b.disposition = 'applied' AND b.commit_id BETWEEN ${first} AND ${last}) GROUP BY c, pos, currency),
again AS (SELECT resolved_commit AS c, ${POSITION_SQL} AS pos
  FROM ops.parked WHERE table_name = ${literal(table)} AND status = 'redriven'),
v AS (SELECT c, pos, currency, count(*) AS n, sum(amount) AS s, any_value(key) AS key FROM (${versions('_rows')} UNION ALL ${versions('_past')}) ANTI JOIN again USING (c, pos) GROUP BY c, pos, currency),
j AS (SELECT coalesce(b.hour, '') AS hour, currency, b.n AS bn, b.s AS bs, v.n AS vn, v.s AS vs, coalesce(v.key, b.key) AS key, c, pos FROM b FULL JOIN v USING (c, pos, currency))`;
}

/** `[hour, currency, messages, their sum, versions, their sum]`; the hour is empty for what the ranges do not hold. */
export function versionsSql(shape: TableShape, place: MessagePlace, span: CommitSpan): string {
  const sum = (column: string): string => (shape.money === null ? 'NULL' : `CAST(coalesce(sum(${column}), 0) AS VARCHAR)`);
  return `${joined(shape, place, span)} SELECT hour, currency, CAST(coalesce(sum(bn), 0) AS BIGINT), ${sum('bs')}, CAST(coalesce(sum(vn), 0) AS BIGINT), ${sum('vs')} FROM j GROUP BY hour, currency`;
}

/** `[key and place, what, message's amount, version's amount]` of an hour. */
export function differingVersionsSql(
  shape: TableShape,
  place: MessagePlace,
  at: { span: CommitSpan; bucket: Bucket; limit: number },
): string {
  return `${joined(shape, place, at.span)} SELECT key || ' at commit ' || c || ' position ' || pos, CASE WHEN vn IS NULL THEN 'missing' WHEN bn IS NULL THEN 'extra' WHEN bn <> vn THEN 'doubled' ELSE 'amount' END,
  CAST(bs AS VARCHAR), CAST(vs AS VARCHAR) FROM j WHERE hour = ${literal(at.bucket)} AND (bn IS DISTINCT FROM vn OR bs IS DISTINCT FROM vs) ORDER BY c, pos LIMIT ${at.limit}`;
}
