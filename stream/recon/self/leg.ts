// A leg of the way from MySQL to gold: two places that must hold the same, and what came of comparing them. Pure.

import type { NamedKey } from './name-keys.ts';
import { NO_COUNT, sameCount, type Bucket, type Count, type Tally } from './tally.ts';

/** mysql_silver and silver_gold compare rows by the hour they were made; the others messages by the hour in which Kafka took them. */
export type LegName = 'mysql_silver' | 'kafka_bronze' | 'bronze_silver' | 'silver_gold';

export interface LegCount {
  readonly leg: LegName;
  readonly table: string;
  readonly bucket: Bucket;
  readonly left: Count;
  readonly right: Count;
  readonly status: 'equal' | 'different' | 'unproven';
  /** Why it is unproven, or what is known of a difference. */
  readonly reason: string | null;
  /** What was left out on purpose, by kind. */
  readonly exempt: Readonly<Record<string, number>>;
  readonly named: readonly NamedKey[];
}

export interface LegPlace {
  readonly leg: LegName;
  readonly table: string;
}

/** One count for each bucket that either side has. */
export function compareTallies(place: LegPlace, left: Tally, right: Tally): LegCount[] {
  return [...new Set([...left.keys(), ...right.keys()])].sort().map((bucket) => {
    const [one, other] = [left.get(bucket) ?? NO_COUNT, right.get(bucket) ?? NO_COUNT];
    const status = sameCount(one, other) ? 'equal' : 'different';
    return { ...place, bucket, left: one, right: other, status, reason: null, exempt: {}, named: [] };
  });
}

/** The leg of a table that could not be compared. */
export function unproven(place: LegPlace, reason: string): LegCount {
  return { ...place, bucket: '', left: NO_COUNT, right: NO_COUNT, status: 'unproven', reason, exempt: {}, named: [] };
}
