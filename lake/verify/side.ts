// One side of a comparison: whatever can tell digests of buckets, digests of rows, and cells of a table. MySQL, the working store
// (asked through the processor's door, or directly) and the published lake are sides.

import { bucketsSql, cellsSql, rowsSql, type Relation } from './digest-sql.ts';
import type { TablePlan } from './plan.ts';

export interface BucketDigest {
  readonly bucket: string;
  readonly rows: number;
  readonly digest: bigint;
}

export type TextRow = readonly (string | null)[];

export interface Side {
  buckets(plan: TablePlan): Promise<readonly BucketDigest[]>;
  /** `[key, digest]` of the rows of these buckets. */
  rows(plan: TablePlan, buckets: readonly string[]): Promise<readonly TextRow[]>;
  /** `[key, cell …]` of the rows with these keys. */
  cells(plan: TablePlan, keys: readonly string[]): Promise<readonly TextRow[]>;
}

export type TextQuery = (sql: string) => Promise<readonly TextRow[]>;

/** A side that answers SQL. `relationOf` says where the table's rows are. */
export function sqlSide(query: TextQuery, relationOf: (plan: TablePlan) => Relation): Side {
  return {
    buckets: async (plan) => (await query(bucketsSql(plan, relationOf(plan)))).map(bucketDigest),
    rows: (plan, buckets) => query(rowsSql(plan, relationOf(plan), buckets)),
    cells: (plan, keys) => query(cellsSql(plan, relationOf(plan), keys)),
  };
}

export function bucketDigest([bucket, rows, digest]: TextRow): BucketDigest {
  return { bucket: bucket ?? '', rows: Number(rows), digest: BigInt(digest ?? '0') };
}
