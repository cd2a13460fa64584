// Counts of one place, by hour: rows, and sums by currency in ten-thousandths. Pure.

import { unitsText } from '../match/breaks.ts';
import { unitsOf } from '../match/rule-set.ts';
import type { TextRow } from '../../../lake/verify/side.ts';

/** `YYYY-MM-DD HH:00:00`, UTC; empty: all rows outside the hours asked for, or of a table without a time. */
export type Bucket = string;

export const HOUR_MS = 3_600_000;

/** `YYYY-MM-DD HH:00:00` of a time in milliseconds since 1970. */
export function bucketAt(ms: number): Bucket {
  return `${new Date(ms).toISOString().slice(0, 13).replace('T', ' ')}:00:00`;
}

/** Milliseconds since 1970 at which the hour begins. */
export function startOf(bucket: Bucket): number {
  return Date.parse(`${bucket.replace(' ', 'T')}Z`);
}

export interface Count {
  rows: bigint;
  /** Null: no sums are taken of this table or place. */
  sums: Map<string, bigint> | null;
}

export type Tally = Map<Bucket, Count>;

/** Adds `[bucket, currency, rows, sum]`; a NULL sum is one that was not taken. */
export function addRow(tally: Tally, [bucket, currency, rows, sum]: TextRow): void {
  const count = tally.get(bucket ?? '') ?? { rows: 0n, sums: null };
  count.rows += BigInt(rows ?? '0');
  if (sum !== null && sum !== undefined) {
    count.sums ??= new Map();
    count.sums.set(currency ?? '', (count.sums.get(currency ?? '') ?? 0n) + units(sum));
  }
  tally.set(bucket ?? '', count);
}

export function tallyOf(rows: readonly TextRow[]): Tally {
  const tally: Tally = new Map();
  for (const row of rows) addRow(tally, row);
  return tally;
}

/** Decimal text with its sign as ten-thousandths. */
export function units(text: string): bigint {
  return text.startsWith('-') ? -unitsOf(text.slice(1)) : unitsOf(text);
}

/** `{"EUR":"1.0000","USD":"-2.5000"}`, currencies in order; sums of zero are left out. Null when none were taken. */
export function sumsText({ sums }: Count): string | null {
  if (sums === null) return null;
  const found = [...sums].filter(([, sum]) => sum !== 0n).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(Object.fromEntries(found.map(([currency, sum]) => [currency, unitsText(sum)])));
}

/** Sums are compared where both places took them. */
export function sameCount(left: Count, right: Count): boolean {
  if (left.rows !== right.rows) return false;
  return left.sums === null || right.sums === null || sumsText(left) === sumsText(right);
}

export const NO_COUNT: Count = { rows: 0n, sums: null };
