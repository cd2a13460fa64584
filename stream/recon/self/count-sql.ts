// The SELECTs that count rows and name them, the same for MySQL, silver and gold but for names of functions. Pure.

import { ident, literal, mysqlIdent } from '../../../infra/runtime/sql-text.ts';
import type { Relation } from '../../../lake/verify/digest-sql.ts';
import { bucketAt, HOUR_MS, startOf, type Bucket } from './tally.ts';
import type { TableShape } from './shape.ts';

/** What is counted apart. */
export interface Hours {
  /** `YYYY-MM-DD HH:00:00`, each. */
  readonly hours: readonly Bucket[];
  /** Rows of all other hours are counted too, together. */
  readonly rest: boolean;
}

type Dialect = Relation['dialect'];

const quote = (dialect: Dialect, name: string): string => (dialect === 'mysql' ? mysqlIdent(name) : ident(name));
const asText = (dialect: Dialect, sql: string): string => `CAST(${sql} AS ${dialect === 'mysql' ? 'CHAR' : 'VARCHAR'})`;

function hourOf(dialect: Dialect, time: string): string {
  const column = quote(dialect, time);
  return dialect === 'mysql'
    ? `DATE_FORMAT(${column}, '%Y-%m-%d %H:00:00')`
    : `strftime(CAST(${column} AS TIMESTAMP), '%Y-%m-%d %H:00:00')`;
}

/** The earliest begin and the latest end of the hours, of which there is one at least, as literals: a range that an index or zone maps can use. */
function span(hours: readonly Bucket[]): { readonly from: string; readonly until: string } {
  const sorted = [...hours].sort();
  return { from: literal(sorted[0]!), until: literal(bucketAt(startOf(sorted.at(-1)!) + HOUR_MS)) };
}

function bucketSql(dialect: Dialect, { time }: TableShape, { hours }: Hours): string {
  if (time === null || hours.length === 0) return `''`;
  const hour = hourOf(dialect, time);
  return `CASE WHEN ${hour} IN (${hours.map(literal).join(', ')}) THEN ${hour} ELSE '' END`;
}

function onlyHours(dialect: Dialect, { time }: TableShape, { hours, rest }: Hours): string {
  if (time === null || rest) return 'true';
  if (hours.length === 0) return 'false';
  const [column, { from, until }] = [quote(dialect, time), span(hours)];
  const value = dialect === 'mysql' ? column : `CAST(${column} AS TIMESTAMP)`;
  const cast = dialect === 'mysql' ? '' : 'TIMESTAMP ';
  return `${value} >= ${cast}${from} AND ${value} < ${cast}${until} AND ${hourOf(dialect, time)} IN (${hours.map(literal).join(', ')})`;
}

/** `[bucket, currency, rows, sum]`; `where` restricts the rows further. */
export function countSql(shape: TableShape, { dialect, from }: Relation, hours: Hours, where = 'true'): string {
  const [currency, sum] =
    shape.money === null
      ? [`''`, 'NULL']
      : [
          `coalesce(${quote(dialect, shape.money.currency)}, '')`,
          asText(dialect, `coalesce(sum(${quote(dialect, shape.money.amount)}), 0)`),
        ];
  const filter = `${onlyHours(dialect, shape, hours)} AND ${where}`;
  return `SELECT ${bucketSql(dialect, shape, hours)} AS b, ${currency} AS c, ${asText(dialect, 'count(*)')}, ${sum} FROM ${from} AS t WHERE ${filter} GROUP BY b, c`;
}

/** `[key, currency, amount]` of the rows of one bucket, at most `rowsMax`. */
export function keysSql(shape: TableShape, { dialect, from }: Relation, at: { hours: Hours; bucket: Bucket; rowsMax: number }): string {
  const key = `concat_ws('|', ${shape.keyColumns.map((name) => asText(dialect, quote(dialect, name))).join(', ')})`;
  const [currency, amount] =
    shape.money === null
      ? [`''`, `'0'`]
      : [`coalesce(${quote(dialect, shape.money.currency)}, '')`, asText(dialect, `coalesce(${quote(dialect, shape.money.amount)}, 0)`)];
  const inBucket = `${onlyHours(dialect, shape, at.hours)} AND ${bucketSql(dialect, shape, at.hours)} = ${literal(at.bucket)}`;
  return `SELECT ${key}, ${currency}, ${amount} FROM ${from} AS t WHERE ${inBucket} LIMIT ${at.rowsMax}`;
}
