// How far Debezium's incremental snapshots are, as its notifications tell. The topic is read from its beginning at every start, so that a
// restart forgets nothing.

import { z } from 'zod';

export type ReadState = 'started' | 'running' | 'paused' | 'scanned' | 'aborted';

export interface ReadProgress {
  readonly signal: string;
  readonly state: ReadState;
  /** Key of the last row that was read, and the greatest one there was at the beginning, as Debezium writes them; null before the first part. */
  readonly lastKey: string | null;
  readonly maximumKey: string | null;
  /** Rows that were read; known at the end. */
  readonly rows: number | null;
  /** Milliseconds since 1970: when it began, when it was heard of last, and how long it stood still so far. */
  readonly startedAtMs: number;
  readonly heardAtMs: number;
  readonly pausedMs: number;
}

const SIGNALS_MAX = 1_000;

const noteSchema = z.object({
  id: z.string(),
  type: z.string(),
  aggregate_type: z.literal('Incremental Snapshot'),
  timestamp: z.coerce.number(),
  additional_data: z
    .object({
      last_processed_key: z.string().optional(),
      maximum_key: z.string().optional(),
      total_rows_scanned: z.coerce.number().optional(),
    })
    .nullish(),
});

const STATES: Readonly<Record<string, ReadState>> = {
  STARTED: 'started',
  IN_PROGRESS: 'running',
  PAUSED: 'paused',
  RESUMED: 'running',
  TABLE_SCAN_COMPLETED: 'scanned',
  COMPLETED: 'scanned',
  ABORTED: 'aborted',
};

export class BackfillProgress {
  private readonly signals = new Map<string, ReadProgress>();

  /** A message of the notification topic; one that tells of something else is passed over. */
  note(value: Buffer | null): void {
    const found = value === null ? null : parse(value);
    const state = found === null ? undefined : STATES[found.type];
    if (found === null || state === undefined) return;
    const { id: signal, timestamp, additional_data: data } = found;
    const before = this.signals.get(signal);
    if (before === undefined && this.signals.size >= SIGNALS_MAX) this.signals.delete(this.signals.keys().next().value ?? '');
    const stoodStill = before?.state === 'paused' ? Math.max(0, timestamp - before.heardAtMs) : 0;
    this.signals.set(signal, {
      ...{ signal, state },
      lastKey: data?.last_processed_key ?? before?.lastKey ?? null,
      maximumKey: data?.maximum_key ?? before?.maximumKey ?? null,
      rows: data?.total_rows_scanned ?? before?.rows ?? null,
      ...{ startedAtMs: before?.startedAtMs ?? timestamp, heardAtMs: timestamp, pausedMs: (before?.pausedMs ?? 0) + stoodStill },
    });
  }

  of(signal: string): ReadProgress | null {
    return this.signals.get(signal) ?? null;
  }
}

function parse(value: Buffer): z.output<typeof noteSchema> | null {
  try {
    return noteSchema.safeParse(JSON.parse(value.toString('utf8'))).data ?? null;
  } catch {
    return null; // another program's message in the topic
  }
}

/** What is known of how much there is to read. */
export interface Extent {
  /** Smallest key of a table with one whole number for a key. */
  readonly lowKey: string | null;
}

/**
 * The part that is done and the seconds that are left at the speed so far; null where keys are no numbers, or nothing has come yet.
 * The time it stood still does not count.
 */
export function estimate(
  { lastKey, maximumKey, startedAtMs, heardAtMs, pausedMs }: ReadProgress,
  { lowKey }: Extent,
): { readonly done: number; readonly secondsLeft: number } | null {
  const [last, maximum, low] = [whole(lastKey), whole(maximumKey), whole(lowKey)];
  if (last === null || maximum === null || low === null || last < low || maximum < low) return null;
  const done = Math.min(1, (Number(last - low) + 1) / (Number(maximum - low) + 1));
  const tookMs = Math.max(0, heardAtMs - startedAtMs - pausedMs);
  return { done, secondsLeft: Math.round((tookMs / 1_000) * (1 / done - 1)) };
}

function whole(text: string | null): bigint | null {
  return text !== null && /^-?\d{1,20}$/.test(text) ? BigInt(text) : null;
}
