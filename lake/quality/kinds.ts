// The SELECT of violating rows that each declarative kind stands for. Pure.

import { ident, literal } from '../../infra/runtime/sql-text.ts';
import type { CheckHeader, QualityCheck } from './check-file.ts';

/** Where the rows come from, and the time of the run. */
export interface CheckPlace {
  /** The table, or its changed rows. */
  readonly from: string;
  /** Its versions that the commits since the last run wrote; null: those of all commits. */
  readonly versions: string | null;
  /** TIMESTAMP literal, UTC. */
  readonly now: string;
}

type Header<K extends CheckHeader['kind']> = Extract<CheckHeader, { kind: K }>;

export function violationsSql(check: QualityCheck, place: CheckPlace): string {
  const { header } = check;
  switch (header.kind) {
    case 'not_null':
      return `SELECT * FROM ${place.from} WHERE ${header.columns.map((column) => `${ident(column)} IS NULL`).join(' OR ')}`;
    case 'unique': {
      const key = header.columns.map(ident).join(', ');
      return `SELECT ${key}, count(*) AS rows FROM ${place.from} GROUP BY ${key} HAVING count(*) > 1`;
    }
    case 'accepted_values':
      return `SELECT * FROM ${place.from} WHERE ${ident(header.column)} NOT IN (${listOf(header.values)})`;
    case 'relationship':
      return `SELECT f.* FROM ${place.from} AS f WHERE f.${ident(header.column)} IS NOT NULL AND f.${ident(header.column)} NOT IN (SELECT ${ident(header.key)} FROM ${header.to})`;
    case 'range':
      return `SELECT * FROM ${place.from} WHERE ${outside(ident(header.column), header.min, header.max)}`;
    case 'row_count':
      return `SELECT * FROM (SELECT count(*) AS rows FROM ${place.from}) WHERE ${outside('rows', header.min, header.max)}`;
    case 'volume':
      return volumeSql(header, place);
    case 'freshness':
      return `SELECT * FROM (SELECT max(${ident(header.column)}) AS newest, ${place.now} AS now FROM ${place.from}) WHERE newest IS NULL OR now - newest > INTERVAL ${header.seconds} SECOND`;
    case 'drift':
      return driftSql(header, place);
    case 'schema':
      return schemaSql(header);
    case 'three_way':
      return threeWaySql(header, place);
    case 'commit_zero':
      return commitZeroSql(header, place);
    case 'clearing':
      return clearingSql(header, place);
    case 'sql':
      return check.sql.replaceAll('$now', place.now);
  }
}

function listOf(text: string): string {
  return text
    .split(',')
    .map((value) => literal(value.trim()))
    .join(', ');
}

function outside(column: string, min: number | undefined, max: number | undefined): string {
  const parts = [...(min === undefined ? [] : [`${column} < ${min}`]), ...(max === undefined ? [] : [`${column} > ${max}`])];
  return parts.length === 0 ? 'false' : parts.join(' OR ');
}

/** Rows of the last full day against the mean of the same weekday in the weeks before; nothing is said before there is one of them. */
function volumeSql({ column, weeks, least, most }: Header<'volume'>, { from, now }: CheckPlace): string {
  const day = `(${now}::DATE - 1)`;
  const days = Array.from({ length: weeks }, (_, week) => `${day} - ${7 * (week + 1)}`).join(', ');
  return `SELECT day, rows, usual, rows / usual AS ratio FROM (
  SELECT ${day} AS day, count(*) FILTER (d = ${day}) AS rows, count(*) FILTER (d IN (${days})) / nullif(count(DISTINCT d) FILTER (d IN (${days})), 0) AS usual
  FROM (SELECT ${ident(column)}::DATE AS d FROM ${from} WHERE ${ident(column)} >= ${day} - ${7 * weeks} AND ${ident(column)} < ${now}::DATE)
) WHERE usual > 0 AND (rows / usual < ${least} OR rows / usual > ${most})`;
}

/** Population stability index of a column's values, the last days against the days before: sum((p - q) * ln(p / q)). Shares of 0 count as 0.0001. */
function driftSql({ column, time, days, against, psi }: Header<'drift'>, { from, now }: CheckPlace): string {
  const since = (back: number): string => `${now} - INTERVAL ${back} DAY`;
  return `SELECT psi, groups FROM (
  SELECT sum((p - q) * ln(p / q)) AS psi, count(*) AS groups FROM (
    SELECT value, greatest(count(*) FILTER (recent) / nullif(sum(count(*) FILTER (recent)) OVER (), 0), 0.0001) AS p,
      greatest(count(*) FILTER (NOT recent) / nullif(sum(count(*) FILTER (NOT recent)) OVER (), 0), 0.0001) AS q
    FROM (SELECT ${ident(column)}::VARCHAR AS value, ${ident(time)} >= ${since(days)} AS recent FROM ${from}
      WHERE ${ident(time)} >= ${since(days + against)} AND ${ident(time)} < ${now}) GROUP BY value)
  WHERE p IS NOT NULL AND q IS NOT NULL
) WHERE psi > ${psi}`;
}

/**
 * The last count of each leg and hour of a table that is not equal (stream/recon/self writes them); nothing is said before the first run.
 * One row says so when the last run is older than `hours`.
 */
function threeWaySql({ table, hours }: Header<'three_way'>, { now }: CheckPlace): string {
  const name = literal(table.slice(table.indexOf('.') + 1));
  return `SELECT leg, strftime(hour, '%Y-%m-%dT%H') AS hour, left_rows, right_rows, left_sums, right_sums, named::JSON AS named FROM (
  SELECT * FROM ops.self_counts WHERE table_name = ${name} QUALIFY row_number() OVER (PARTITION BY leg, hour ORDER BY run_id DESC) = 1) WHERE status = 'different'
UNION ALL SELECT 'the last run is of ' || max(taken_at AT TIME ZONE 'UTC'), NULL, NULL, NULL, NULL, NULL, NULL FROM ops.self_runs WHERE whole
  HAVING max(taken_at AT TIME ZONE 'UTC') < ${now} - INTERVAL ${hours} HOUR`;
}

/**
 * Commits whose own postings do not sum to nil. Entries are never changed; snapshot rows come in no order and are left out. Over all commits
 * only those of currencies that do not sum to nil as a whole: a later posting has mended the others.
 */
function commitZeroSql({ table, column, direction, currency }: Header<'commit_zero'>, { versions }: CheckPlace): string {
  const name = ident(table.slice(table.indexOf('.') + 1));
  const every = `(SELECT * FROM _rows.${name} UNION ALL BY NAME SELECT * EXCLUDE (_gone_commit) FROM _past.${name})`;
  const signed = `CASE WHEN ${ident(direction)} = 'CREDIT' THEN ${ident(column)} ELSE -${ident(column)} END`;
  const sums = `SELECT _commit AS "commit", ${ident(currency)} AS currency, count(*) AS entries, sum(CASE _op WHEN 'd' THEN -(${signed}) ELSE ${signed} END) AS amount
  FROM ${versions ?? every} WHERE _op IN ('c', 'd') GROUP BY ALL HAVING amount <> 0`;
  if (versions !== null) return sums;
  return `SELECT s.* FROM (${sums}) AS s SEMI JOIN (SELECT ${ident(currency)} AS currency FROM ${table} GROUP BY ALL HAVING sum(${signed}) <> 0) AS o USING (currency)`;
}

/** Clearing accounts that are not empty and have not been since a day that is too long ago. Balances are those at the end of UTC days. */
function clearingSql({ table, types, days }: Header<'clearing'>, { now }: CheckPlace): string {
  return `WITH moved AS (SELECT e.account_id, e.currency, CAST(e.created_at AS DATE) AS day, sum(CASE WHEN e.posting_type = 'CREDIT' THEN e.amount ELSE -e.amount END) AS net
  FROM ${table} AS e JOIN silver.accounts AS a ON a.account_id = e.account_id WHERE a.account_type IN (${listOf(types)}) GROUP BY ALL),
ends AS (SELECT *, sum(net) OVER (PARTITION BY account_id ORDER BY day) AS balance FROM moved)
SELECT account_id, any_value(currency) AS currency, arg_max(balance, day) AS amount, min(day) FILTER (day > coalesce(empty, DATE '0001-01-01')) AS since
FROM (SELECT *, max(day) FILTER (balance = 0) OVER (PARTITION BY account_id) AS empty FROM ends) GROUP BY account_id
HAVING amount <> 0 AND since <= ${now}::DATE - ${days}`;
}

/** Columns that the contract names and the table lacks, or has with another type. */
function schemaSql({ table, has }: Header<'schema'>): string {
  const wanted = has.split(/,(?![^(]*\))/).map((part) => part.trim().split(/\s+/));
  const rows = wanted.map(([column = '', type = '']) => `(${literal(column)}, ${literal(type)})`).join(', ');
  return `SELECT w.column_name, w.type AS expected, c.column_type AS found FROM (VALUES ${rows}) AS w(column_name, type)
LEFT JOIN (SELECT column_name, column_type FROM (DESCRIBE ${table})) AS c ON c.column_name = w.column_name WHERE c.column_type IS DISTINCT FROM w.type`;
}
