// Compares one table on two sides: digests of all buckets, then the rows of the buckets that differ, then the cells of the rows that
// differ. Reading is bounded: of many differences the first are named, all of them are not.

import { canonicalColumns, keyColumnsOf } from './digest-sql.ts';
import { decodeHex, readableKey, type CanonicalColumn } from './canonical.ts';
import type { TablePlan } from './plan.ts';
import type { BucketDigest, Side, TextRow } from './side.ts';

export interface CellDifference {
  readonly column: string;
  /** Value as text; null is NULL. Long ones are cut. */
  readonly source: string | null;
  readonly lake: string | null;
}

export interface RowDifference {
  /** The key's columns with `|` between. */
  readonly key: string;
  /** The same in canonical text: what `ledgerflow repair` names rows by. */
  readonly canonicalKey: string;
  readonly kind: 'changed' | 'missing' | 'extra';
  /** Empty unless the kind is changed. */
  readonly cells: readonly CellDifference[];
}

export interface Comparison {
  readonly equal: boolean;
  /** Rows of the source. */
  readonly rows: number;
  /** Sum of the source's row digests, decimal. */
  readonly digest: string;
  /** Buckets that differ. */
  readonly buckets: number;
  readonly differences: readonly RowDifference[];
  /** There are more differences than are named. */
  readonly more: boolean;
}

/** Rows read to find the differing ones. */
const ROWS_READ_MAX = 200_000;
const BUCKETS_READ_MAX = 64;
/** Rows whose cells are read at a time, and differences named. */
const CELLS_ROWS = 200;
const NAMED_MAX = 50;
const SHOWN_CHARACTERS = 200;

export async function compareTable(plan: TablePlan, source: Side, lake: Side): Promise<Comparison> {
  const [wanted, got] = await Promise.all([source.buckets(plan), lake.buckets(plan)]);
  const rows = wanted.reduce((sum, bucket) => sum + bucket.rows, 0);
  const digest = String(wanted.reduce((sum, bucket) => sum + bucket.digest, 0n));
  const differing = differingBuckets(wanted, got);
  if (differing.length === 0) return { equal: true, rows, digest, buckets: 0, differences: [], more: false };
  const chosen = firstBuckets(differing, wanted, got);
  const { differences, more } = await differingRows(plan, chosen, { source, lake });
  const all = chosen.length === differing.length && !more;
  return { equal: differences.length === 0 && all, rows, digest, buckets: differing.length, differences, more: !all };
}

function differingBuckets(wanted: readonly BucketDigest[], got: readonly BucketDigest[]): string[] {
  const rest = new Map(got.map((bucket) => [bucket.bucket, bucket]));
  const found: string[] = [];
  for (const { bucket, rows, digest } of wanted) {
    const other = rest.get(bucket);
    rest.delete(bucket);
    if (other === undefined || other.rows !== rows || other.digest !== digest) found.push(bucket);
  }
  return [...found, ...rest.keys()];
}

/** As many as may be read, at least one. */
function firstBuckets(differing: readonly string[], wanted: readonly BucketDigest[], got: readonly BucketDigest[]): string[] {
  const sizes = new Map<string, number>();
  for (const { bucket, rows } of [...wanted, ...got]) sizes.set(bucket, Math.max(rows, sizes.get(bucket) ?? 0));
  const chosen: string[] = [];
  let rows = 0;
  for (const bucket of differing.slice(0, BUCKETS_READ_MAX)) {
    rows += sizes.get(bucket) ?? 0;
    if (chosen.length > 0 && rows > ROWS_READ_MAX) break;
    chosen.push(bucket);
  }
  return chosen;
}

interface Sides {
  readonly source: Side;
  readonly lake: Side;
}

async function differingRows(
  plan: TablePlan,
  buckets: readonly string[],
  { source, lake }: Sides,
): Promise<{ differences: RowDifference[]; more: boolean }> {
  const [wanted, got] = await Promise.all([source.rows(plan, buckets), lake.rows(plan, buckets)]);
  const keys = differingKeys(wanted, got);
  const differences: RowDifference[] = [];
  for (let first = 0; first < keys.length && differences.length < NAMED_MAX; first += CELLS_ROWS) {
    const some = keys.slice(first, first + CELLS_ROWS);
    const [left, right] = await Promise.all([source.cells(plan, some), lake.cells(plan, some)]);
    differences.push(...rowDifferences(plan, some, byKey(left), byKey(right)));
  }
  return { differences: differences.slice(0, NAMED_MAX), more: differences.length >= NAMED_MAX && keys.length > NAMED_MAX };
}

/** Keys of which one side has another bag of rows than the other. */
function differingKeys(wanted: readonly TextRow[], got: readonly TextRow[]): string[] {
  const balance = new Map<string, number>();
  const count = (rows: readonly TextRow[], by: number): void => {
    for (const [key, digest] of rows) {
      const row = `${digest ?? ''}\n${key ?? ''}`;
      balance.set(row, (balance.get(row) ?? 0) + by);
    }
  };
  count(wanted, 1);
  count(got, -1);
  const rows = [...balance].filter(([, surplus]) => surplus !== 0).map(([row]) => row.slice(row.indexOf('\n') + 1));
  return [...new Set(rows)];
}

function byKey(rows: readonly TextRow[]): Map<string, TextRow[]> {
  const found = new Map<string, TextRow[]>();
  for (const [key, ...cells] of rows) found.set(key ?? '', [...(found.get(key ?? '') ?? []), cells]);
  return found;
}

function rowDifferences(
  plan: TablePlan,
  keys: readonly string[],
  source: ReadonlyMap<string, TextRow[]>,
  lake: ReadonlyMap<string, TextRow[]>,
): RowDifference[] {
  const [columns, keyColumns] = [canonicalColumns(plan), keyColumnsOf(plan)];
  return keys.flatMap((canonicalKey): RowDifference[] => {
    const [wanted = [], got = []] = [source.get(canonicalKey), lake.get(canonicalKey)];
    const key = readableKey(keyColumns, canonicalKey);
    const [left] = wanted;
    const [right] = got;
    if (wanted.length > got.length || left === undefined)
      return wanted.length === got.length ? [] : [{ key, canonicalKey, kind: kindOf(wanted, got), cells: [] }];
    if (got.length > wanted.length || right === undefined) return [{ key, canonicalKey, kind: 'extra', cells: [] }];
    const cells = columns.flatMap((column, index) => cellDifference(column, left[index] ?? null, right[index] ?? null));
    return cells.length === 0 ? [] : [{ key, canonicalKey, kind: 'changed', cells }];
  });
}

function kindOf(wanted: readonly TextRow[], got: readonly TextRow[]): 'missing' | 'extra' {
  return wanted.length > got.length ? 'missing' : 'extra';
}

function cellDifference(column: CanonicalColumn, source: string | null, lake: string | null): CellDifference[] {
  if (source === lake || (source !== null && lake !== null && column.same(source, lake))) return [];
  return [{ column: column.name, source: shown(column, source), lake: shown(column, lake) }];
}

function shown(column: CanonicalColumn, value: string | null): string | null {
  if (value === null) return null;
  const text = column.isText ? decodeHex(value) : value;
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}
