// What is compared of one table and how its rows are put into buckets. The plan goes to the processor as JSON; both sides make their SQL of it.

import { z } from 'zod';
import { columnType } from '../../cdc/schema/column-type.ts';
import type { SourceTable } from '../../cdc/schema/source-table.ts';

const columnSchema = z.object({
  name: z.string(),
  typeName: z.string(),
  length: z.number().nullable(),
  scale: z.number().nullable(),
  nullable: z.boolean(),
  position: z.number(),
  charset: z.string().nullable(),
  enumValues: z.array(z.string()).nullable(),
  defaultValue: z.string().nullable(),
  generated: z.boolean(),
});

const whole = z.string().regex(/^-?\d{1,20}$/);

export const planSchema = z.object({
  table: z.string(),
  columns: z.array(columnSchema).min(1),
  keyColumns: z.array(z.string()).min(1),
  /** Ranges of one whole number from `low`, each `width` wide; or the first digits of the key's SHA-256. */
  bucket: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('range'), low: whole, width: whole }),
    z.object({ kind: z.literal('hash'), digits: z.int().min(1).max(4) }),
  ]),
});
export type TablePlan = z.infer<typeof planSchema>;

/** Extent of a table in the source. */
export interface Extent {
  /** Least and greatest key of a table whose key is one whole number; null when it is empty or its key is something else. */
  readonly keys: { readonly low: bigint; readonly high: bigint } | null;
  /** Rows, estimated. */
  readonly rows: number;
}

const BUCKETS_MAX = 1_024n;
const HASH_DIGITS: readonly (readonly [rows: number, digits: number])[] = [
  [2_000, 1],
  [200_000, 2],
  [20_000_000, 3],
];

/** Whether buckets of the table can be ranges of its key. */
export function hasWholeKey({ schema }: SourceTable): boolean {
  const key = schema.columns.find(({ name }) => name === schema.keyColumns[0]);
  return schema.keyColumns.length === 1 && key !== undefined && columnType(key).logical === 'integer';
}

/** Columns of a table whose values in the lake are not those of MySQL: a column policy makes others of them. */
export type Hidden = ReadonlySet<string>;
const NONE: Hidden = new Set();

/**
 * About a thousand buckets at most, none of them larger than it must be.
 * @param hidden columns left out
 */
export function planTable({ schema }: SourceTable, extent: Extent, hidden = NONE): TablePlan {
  const { table, keyColumns } = schema;
  const columns = schema.columns.filter(({ name }) => !hidden.has(name));
  const copied = columns.map((column) => ({ ...column, enumValues: column.enumValues === null ? null : [...column.enumValues] }));
  return { table, columns: copied, keyColumns: [...keyColumns], bucket: bucketing(extent) };
}

function bucketing({ keys, rows }: Extent): TablePlan['bucket'] {
  if (keys !== null) {
    const width = (keys.high - keys.low) / BUCKETS_MAX + 1n;
    return { kind: 'range', low: String(keys.low), width: String(width) };
  }
  return { kind: 'hash', digits: HASH_DIGITS.find(([most]) => rows <= most)?.[1] ?? 4 };
}
