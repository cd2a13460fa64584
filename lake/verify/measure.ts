// What a certificate says of a relation of entries: their Merkle root, and the balances and sums that follow from them.

import type { ColumnSchema } from '../../cdc/schema/table-schema.ts';
import { BALANCES_PLAN, balancesSql } from './balances.ts';
import { canonicalColumn, orNull, sha256 } from './canonical.ts';
import type { Measure } from './certificate.ts';
import { bucketsSql } from './digest-sql.ts';
import { merkleRoot } from './merkle.ts';
import { bucketDigest, type TextQuery } from './side.ts';

export interface EntriesShape {
  readonly columns: readonly ColumnSchema[];
  /** Entry numbers in one range. */
  readonly width: number;
}

const WIDTH_MIN = 1_024;
const RANGES_MAX = 4_096;

/** Ranges of at least 1,024 entry numbers, and not many more than 4,096 of them. */
export function widthFor(lastEntry: number): number {
  let width = WIDTH_MIN;
  while (lastEntry / width > RANGES_MAX) width *= 2;
  return width;
}

/** @param from DuckDB relation with the columns of the shape, one row per entry */
export async function measureEntries(query: TextQuery, from: string, { columns, width }: EntriesShape): Promise<Measure> {
  const rows = await query(rangesSql(columns, width, from));
  const ranges = rows.map(([range, entries, hash]) => ({ range: Number(range), entries: Number(entries), hash: hash ?? '' }));
  const balances = (await query(bucketsSql(BALANCES_PLAN, { dialect: 'duckdb', from: balancesSql(from, 'duckdb') }))).map(bucketDigest);
  return {
    entries: {
      count: ranges.reduce((sum, range) => sum + range.entries, 0),
      root: merkleRoot(ranges.map(({ hash }) => hash)),
      columns: columns.map((column) => ({ ...column, enumValues: column.enumValues === null ? null : [...column.enumValues] })),
      width,
      ranges,
    },
    balances: {
      accounts: balances.reduce((sum, bucket) => sum + bucket.rows, 0),
      digest: String(balances.reduce((sum, bucket) => sum + bucket.digest, 0n)),
      byCurrency: (await query(currenciesSql(from))).map(([currency, entries, credits, debits]) => ({
        currency: currency ?? '',
        entries: Number(entries),
        credits: credits ?? '0',
        debits: debits ?? '0',
      })),
    },
  };
}

function rangesSql(columns: readonly ColumnSchema[], width: number, from: string): string {
  const cells = columns.map((column) => orNull(canonicalColumn(column).digest('duckdb'), 'duckdb'));
  const leaf = sha256(`CONCAT_WS('|', ${cells.join(', ')})`, 'duckdb');
  return `SELECT CAST(r AS VARCHAR), CAST(count(*) AS VARCHAR), sha256(string_agg(leaf, '' ORDER BY id, leaf))
    FROM (SELECT entry_id AS id, entry_id // ${width} AS r, ${leaf} AS leaf FROM ${from} AS t) GROUP BY r ORDER BY r`;
}

function currenciesSql(from: string): string {
  const sum = (type: string): string =>
    `CAST(CAST(coalesce(sum(amount) FILTER (posting_type = '${type}'), 0) AS DECIMAL(38,4)) AS VARCHAR)`;
  return `SELECT currency, CAST(count(*) AS VARCHAR), ${sum('CREDIT')}, ${sum('DEBIT')} FROM ${from} AS e GROUP BY currency ORDER BY currency`;
}
