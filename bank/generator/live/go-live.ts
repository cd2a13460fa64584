// The seeded world beyond its history: live at a rate, from where its plan stopped; or its history through the bank's API, as fast as that answers.

import type { Connection, RowDataPacket } from 'mysql2/promise';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { connectBank, type BankLogin } from '../connect.ts';
import { RESERVED, transactionIdOf } from '../history.ts';
import type { WorldEvent } from '../world/event.ts';
import { planEvents } from '../world/plan.ts';
import type { SeededWorld } from '../world/population.ts';
import { reserveTransactionIds } from '../write/reserve.ts';
import { recordBlock, recordLive, recordLoaded, type WorldKey, type WorldRecord } from '../write/world-record.ts';
import { ApiCounter } from './api-counter.ts';
import type { Counter, When } from './counter.ts';
import { drive, Recent, type DriveProgress } from './drive.ts';
import { SqlCounter } from './sql-counter.ts';

export interface ApiAddress {
  readonly url: string;
  readonly serviceKey?: string | undefined;
  /** Requests in all until an API that does not answer ends the run. */
  readonly attemptsMax?: number;
}

export interface LiveOptions extends BankLogin {
  readonly world: SeededWorld;
  readonly record: WorldRecord;
  readonly key: WorldKey;
  /** Through the API; plain SQL without it. */
  readonly api?: ApiAddress | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: DriveProgress) => void;
}

export interface LiveSummary {
  /** Events of the plan that were done in this run: movements, ends of holds, devices. */
  readonly done: number;
  /** Refused by the ledger: nothing was posted. */
  readonly refused: number;
  /** Events of the whole plan that are done. */
  readonly events: number;
  /** The world's own clock, ISO 8601; null when nothing was sent. */
  readonly worldClock: string | null;
  readonly seconds: number;
}

/**
 * Goes on live for `durationMs` with `rate` movements a second on average, in the rhythm of day and week: the world's clock runs as much
 * faster than the wall's as that takes. Times written are the wall's.
 * @throws LedgerflowError LF_USAGE when the history is not complete; LF_BANK_API, LF_BANK_API_DOWN, LF_MYSQL_UNREACHABLE
 */
export async function goLive(options: LiveOptions & { readonly rate: number; readonly durationMs: number }): Promise<LiveSummary> {
  const { world, record, key, rate, durationMs } = options;
  if (!record.loaded)
    throw new LedgerflowError('LF_USAGE', 'the history of this world is not complete: run the same command without --rate first');
  const history = count(world, { ...spanOf(record, key), untilMs: record.untilMs });
  const skip = Math.max(record.liveEvents ?? 0, history.events);
  // Milliseconds of the world in one of the wall.
  const speed = rate / 1_000 / (history.movements / (record.untilMs - record.fromMs));
  let firstMs: number | undefined;
  return await run(options, {
    skip,
    durationMs,
    events: planEvents(world, spanOf(record, key)),
    whenOf: (event) => {
      const now = Date.now();
      const offsetMs = event.kind === 'movement' ? event.eventAt - event.at : 0;
      return { writtenMs: now, effectiveMs: now + offsetMs, isNow: offsetMs === 0 };
    },
    dueMs: (event) => (event.at - (firstMs ??= event.at)) / speed,
  });
}

/**
 * The history through the API: business times are the plan's, times of writing the bank's own. Goes on where it stopped.
 * @throws LedgerflowError LF_USAGE for a world begun by SQL; LF_BANK_API, LF_BANK_API_DOWN, LF_MYSQL_UNREACHABLE
 */
export async function historyThroughApi(options: LiveOptions & { readonly api: ApiAddress }): Promise<LiveSummary> {
  const { world, record, key } = options;
  if (record.blocks.length > 0 && record.liveEvents === null)
    throw new LedgerflowError('LF_USAGE', 'this world was begun with --via sql: go on with that, or choose another --seed');
  const summary = await run(options, {
    skip: record.liveEvents ?? 0,
    events: planEvents(world, { ...spanOf(record, key), untilMs: record.untilMs }),
    whenOf: (event) => ({ writtenMs: event.at, effectiveMs: eventMs(event), isNow: false }),
  });
  const complete = options.signal?.aborted !== true;
  if (complete) await withConnection(options, (connection) => recordLoaded(connection, record.worldId));
  return summary;
}

/** The end of a hold has the business time of its beginning. */
function eventMs(event: WorldEvent): number {
  if (event.kind === 'device') return event.at;
  return event.kind === 'movement' ? event.eventAt : event.of.eventAt;
}

interface Course {
  readonly skip: number;
  readonly durationMs?: number;
  readonly events: Iterable<WorldEvent>;
  readonly whenOf: (event: WorldEvent) => When;
  readonly dueMs?: (event: WorldEvent) => number;
}

async function run(options: LiveOptions, course: Course): Promise<LiveSummary> {
  const { world, record, signal } = options;
  const recent = new Recent();
  const started = performance.now();
  const counters: Counter[] = [];
  const control = await connectBank(options);
  try {
    // From now on the record says how the world is driven, whatever happens next.
    await recordLive(control, record.worldId, course.skip);
    for (let community = 0; community < world.communities; community += 1) counters.push(await openCounter(options, { control, recent }));
    const { events, done, refused, atMs } = await drive(
      {
        ...{ world, counters, signal, ...course, events: withDeviceIds(course.events, record) },
        onProgress: async (progress) => {
          await recordLive(control, record.worldId, Math.max(progress.events, course.skip));
          options.onProgress?.(progress);
        },
      },
      recent,
    );
    const worldClock = atMs === 0 ? null : new Date(atMs).toISOString();
    return { done, refused, events, worldClock, seconds: (performance.now() - started) / 1_000 };
  } finally {
    for (const counter of counters) await counter[Symbol.asyncDispose]();
    control.destroy();
  }
}

async function openCounter(options: LiveOptions, { control, recent }: { control: Connection; recent: Recent }): Promise<Counter> {
  const { world, record, key, api, signal } = options;
  const { ids } = record;
  const planned = transactionIdOf(record);
  const idOf = async (n: number): Promise<bigint> => {
    for (let block = record.blocks.length; block * RESERVED <= n; block = record.blocks.length) await takeBlock(options, block);
    return planned(n);
  };
  const sql = new SqlCounter({ connection: await connectBank(options), world, ids, idOf });
  if (api === undefined) return sql;
  const prefix = `world-${key.seed}-${key.customers}-${record.fromMs}`;
  // Ids of the world's blocks are given to rows of plain SQL alone.
  const written = async (n: number): Promise<bigint | null> => {
    if (n >= record.blocks.length * RESERVED) return null;
    const [rows] = await control.query<RowDataPacket[]>('SELECT 1 FROM transactions WHERE transaction_id = ?', [planned(n)]);
    return rows.length > 0 ? planned(n) : null;
  };
  return new ApiCounter({ ...api, prefix, ids, aside: sql, written, recent: recent.of, signal });
}

/** Devices have their ids from the plan: those of events that are passed over too. */
function* withDeviceIds(events: Iterable<WorldEvent>, { ids }: WorldRecord): Generator<WorldEvent, void, undefined> {
  for (const event of events) {
    if (event.kind === 'device') ids.devices[event.device] = ids.devices[0]! + BigInt(event.device);
    yield event;
  }
}

const taking = new WeakMap<WorldRecord, Promise<void>>();

/** One at a time: the workers of all communities ask. */
async function takeBlock(options: LiveOptions, block: number): Promise<void> {
  const { record } = options;
  const before = taking.get(record) ?? Promise.resolve();
  const taken = before.then(async () => {
    if (record.blocks.length > block) return;
    await withConnection(options, async (connection) => {
      await connection.query('SET @ledgerflow_service = 1');
      const firstId = await reserveTransactionIds(connection, record.ids, RESERVED);
      await recordBlock(connection, record.worldId, block, firstId);
      record.blocks.push(firstId);
    });
  });
  taking.set(record, taken);
  await taken;
}

function spanOf({ fromMs }: WorldRecord, { fraudRate, faultRate }: WorldKey): Parameters<typeof planEvents>[1] {
  return { fromMs, untilMs: Infinity, fraudRate, faultRate };
}

function count(world: SeededWorld, span: Parameters<typeof planEvents>[1]): { events: number; movements: number } {
  const counts = { events: 0, movements: 0 };
  for (const event of planEvents(world, span)) {
    counts.events += 1;
    if (event.kind === 'movement') counts.movements += 1;
  }
  return counts;
}

async function withConnection<T>(login: BankLogin, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await connectBank(login);
  try {
    return await work(connection);
  } finally {
    connection.destroy();
  }
}
