// How backfills stand: what the store says of them (ops.rereads), what they were asked for (the signal row), how far Debezium says it is.

import { z } from 'zod';
import type { Login } from '../../infra/native/run-file.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { callControl } from '../../infra/runtime/control-client.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { estimate, type ReadProgress } from '../../stream/backfill/progress.ts';
import { durationText } from '../support/table.ts';
import { queryAll } from '../support/wire-client.ts';

export interface BackfillStatus {
  readonly signal: string;
  readonly table: string;
  readonly mode: 'incremental' | 'bulk';
  readonly where: string | null;
  /** running, paused, done, given up, or `failed: ` and why. */
  readonly state: string;
  /** 0 to 1; null where it cannot be told. */
  readonly done: number | null;
  readonly secondsLeft: number | null;
  /** Rows read: exact at the end of an incremental one, so far of a bulk one. */
  readonly rows: number | null;
  /** Rows that were expected at the beginning. */
  readonly expected: number | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

const progressSchema = z.object({
  progress: z.array(
    z.object({
      signal: z.string(),
      state: z.enum(['started', 'running', 'paused', 'scanned', 'aborted']),
      lastKey: z.string().nullable(),
      maximumKey: z.string().nullable(),
      rows: z.number().nullable(),
      startedAtMs: z.number(),
      heardAtMs: z.number(),
      pausedMs: z.number(),
    }),
  ),
});

const askedSchema = z.object({
  estimate: z
    .object({ rows: z.number().nullable().default(null), lowKey: z.string().nullable().default(null) })
    .default({ rows: null, lowKey: null }),
  'additional-conditions': z.array(z.object({ filter: z.string() })).default([]),
});

const SHOWN_MAX = 50;
const time = (column: string): string => `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ')`;

/** Newest first. @param signal one only */
export async function backfillStatuses(wire: Login, signal?: string): Promise<BackfillStatus[]> {
  const only = signal === undefined ? `starts_with(r.signal_id, 'backfill-')` : `r.signal_id = ${literal(signal)}`;
  const { rows } = await queryAll(
    wire,
    `SELECT r.signal_id, r.table_name, r.bulk, r.status, ${time('r.started_at')}, ${time('r.ended_at')}, s.data,
       (SELECT sum(p.rows) FROM ops.bulk_parts p WHERE p.signal_id = r.signal_id)
     FROM ops.rereads r LEFT JOIN silver.debezium_signal s ON s.id = r.signal_id WHERE ${only} ORDER BY r.started_at DESC LIMIT ${SHOWN_MAX}`,
  );
  const signals = rows.map(([id]) => id ?? '');
  const answer =
    signals.length === 0 ? { progress: [] } : progressSchema.parse(await callControl(loadConfig().home, 'backfill/progress', { signals }));
  return rows.map((row) => statusOf(row, answer.progress.find((one) => one.signal === row[0]) ?? null));
}

function statusOf(row: readonly (string | null)[], progress: ReadProgress | null): BackfillStatus {
  const [signal, table, bulk, status, startedAt, endedAt, data, loaded] = row;
  const asked = parseAsked(data ?? null);
  const running = status === 'running';
  const isBulk = bulk === 't' || bulk === 'true';
  const expected = asked?.estimate.rows ?? null;
  const far = isBulk ? bulkFar(Number(loaded ?? 0), expected, startedAt ?? '') : keysFar(progress, asked?.estimate.lowKey ?? null);
  return {
    ...{ signal: signal ?? '', table: table ?? '', mode: isBulk ? 'bulk' : 'incremental' },
    where: asked?.['additional-conditions'][0]?.filter ?? null,
    state: running && progress?.state === 'paused' ? 'paused' : (status ?? ''),
    done: status === 'done' ? 1 : running ? (far?.done ?? null) : null,
    secondsLeft: running && progress?.state !== 'paused' ? (far?.secondsLeft ?? null) : null,
    rows: isBulk ? Number(loaded ?? 0) : (progress?.rows ?? null),
    ...{ expected, startedAt: startedAt ?? '', endedAt: endedAt ?? null },
  };
}

function keysFar(progress: ReadProgress | null, lowKey: string | null): ReturnType<typeof estimate> {
  return progress === null ? null : estimate(progress, { lowKey });
}

function bulkFar(loaded: number, expected: number | null, startedAt: string): ReturnType<typeof estimate> {
  if (expected === null || expected === 0 || loaded === 0) return null;
  const done = Math.min(1, loaded / expected);
  return { done, secondsLeft: Math.round(((Date.now() - Date.parse(startedAt)) / 1_000) * (1 / done - 1)) };
}

function parseAsked(data: string | null): z.output<typeof askedSchema> | null {
  try {
    return data === null ? null : (askedSchema.safeParse(JSON.parse(data)).data ?? null);
  } catch {
    return null; // a signal that somebody wrote by hand
  }
}

/** One line for people. */
export function progressLine({ table, state, done, secondsLeft, rows, expected }: BackfillStatus): string {
  const parts = [
    state,
    done === null ? '' : `${Math.floor(done * 100)} %`,
    rows === null ? (expected === null ? '' : `about ${expected} rows`) : `${rows} rows`,
    secondsLeft === null ? '' : `${durationText(secondsLeft)} left`,
  ];
  return `${table}: ${parts.filter((part) => part !== '').join(', ')}`;
}
