// The SELECT of violating rows that each declarative kind stands for. Pure.

import { ident, literal } from '../../infra/runtime/sql-text.ts';
import type { CheckHeader, QualityCheck } from './check-file.ts';

/** Where the rows come from, and the time of the run. */
export interface CheckPlace {
  /** The table, or its changed rows. */
  readonly from: string;
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

/** Columns that the contract names and the table lacks, or has with another type. */
function schemaSql({ table, has }: Header<'schema'>): string {
  const wanted = has.split(/,(?![^(]*\))/).map((part) => part.trim().split(/\s+/));
  const rows = wanted.map(([column = '', type = '']) => `(${literal(column)}, ${literal(type)})`).join(', ');
  return `SELECT w.column_name, w.type AS expected, c.column_type AS found FROM (VALUES ${rows}) AS w(column_name, type)
LEFT JOIN (SELECT column_name, column_type FROM (DESCRIBE ${table})) AS c ON c.column_name = w.column_name WHERE c.column_type IS DISTINCT FROM w.type`;
}
